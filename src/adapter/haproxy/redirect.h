#pragma once

#include <string>

#include "link/balancer_objects.h"

namespace gantry::adapter::haproxy {

// The Location of a redirect action as a log-format string. #{protocol}, #{host}, #{port}, #{path} (without
// its leading slash) and #{query} stand for the request's; an empty protocol, host, port or path for its
// placeholder, an empty query for none. The port is always written; an empty query leaves no '?'.
std::string redirect_location(
    const link::BalancerAction& action, const std::string& protocol, int listener_port
);

}  // namespace gantry::adapter::haproxy
