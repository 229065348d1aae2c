#pragma once

#include <string>

#include "base/result.h"

namespace gantry::elbv2 {

// What AWS takes as the name of a load balancer or target group: at most 32 letters, digits and hyphens, none
// of those at the ends. `noun`: "load balancer".
Result<> check_name(const std::string& name, const std::string& noun);

}  // namespace gantry::elbv2
