#pragma once

#include <string>

#include "logs/records.h"
#include "state/txn.h"

namespace gantry::logs {

LogStreamRecord new_stream(state::Txn& txn, const LogGroupRecord& group, const std::string& name);

}  // namespace gantry::logs
