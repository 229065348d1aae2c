#pragma once

#include <map>
#include <string>
#include <vector>

namespace gantry::worker {

// What balancers are called.
struct BalancerNames {
    // For tasks: dns_name → addresses of its zones, see balancer_names() in balancer_plan.h.
    std::map<std::string, std::vector<std::string>> zonal;
    // For programs on the host: dns_name → host_address.
    std::map<std::string, std::string> host;
    friend bool operator==(const BalancerNames&, const BalancerNames&) = default;
};

}  // namespace gantry::worker
