#pragma once

#include "operation/caller.h"
#include "state/txn.h"

namespace gantry::iam {

// What ECS users find in an account that has used ECS before: ecsTaskExecutionRole with its policy, and the
// service-linked roles of ECS, its auto scaling and load balancing. terraform reads them while planning. Run
// once per account, before its first operation; running it again (another region's turn) changes nothing.
void seed(state::Txn& txn, const Caller& caller);

}  // namespace gantry::iam
