#pragma once

#include <string>

#include "logs/records.h"
#include "operation/caller.h"
#include "state/txn.h"

namespace gantry::logs {

// A group of the caller's account and region with a fresh uid; not yet put.
LogGroupRecord new_group(state::Txn& txn, const Caller& caller, const std::string& name);

}  // namespace gantry::logs
