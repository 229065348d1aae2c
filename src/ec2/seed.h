#pragma once

#include "operation/caller.h"
#include "state/txn.h"

namespace gantry::ec2 {

// The default VPC of the caller's account and region, as AWS has it from the start: the same ids in every
// installation. Run once per account and region, before its first operation; a user may delete what it made.
void seed(state::Txn& txn, const Caller& caller);

}  // namespace gantry::ec2
