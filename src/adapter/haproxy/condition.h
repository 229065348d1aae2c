#pragma once

#include <string>

#include "link/balancer_objects.h"

namespace gantry::adapter::haproxy {

// One condition of a rule as an anonymous ACL: "{ path -m reg … }". As AWS compares: host names, header
// values and query strings without regard to case, paths and methods with it; wildcards in all but methods
// and addresses. The frontend has set txn.host (the Host header without its port).
//
// A field that is not known matches nothing.
std::string condition_acl(const link::BalancerCondition& condition);

}  // namespace gantry::adapter::haproxy
