#pragma once

#include <cstdint>

#include "state/database.h"

namespace gantry::state {

// FNV-1a over every record's table, key and JSON, in order. Equal databases have equal digests.
std::uint64_t digest(const Database& database);

}  // namespace gantry::state
