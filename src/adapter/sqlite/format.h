#pragma once

#include "adapter/sqlite/connection.h"

namespace gantry::adapter::sqlite {

// The layout of the tables, in `pragma user_version`:
//   1  records(tbl, key, version, json), meta(sequence)
inline constexpr int kFormat = 1;

// An empty database gets the newest format, an older one is brought up to it.
Result<void> bring_up_to_date(Connection& connection);

}  // namespace gantry::adapter::sqlite
