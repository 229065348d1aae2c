#pragma once

#include <map>
#include <string>

#include "link/balancer_objects.h"

namespace gantry::adapter::haproxy {

// Files that the configuration refers to, by name inside the folder.
using Files = std::map<std::string, std::string>;

struct FrontendPlace {
    std::string directory;  // of the files
    std::string address;    // where it listens
    int port = 0;
};

// The names under which the shares of a rule's groups stand in the weight map, and there as thresholds of a
// million: the share of a group is what lies between its threshold and the one before.
std::string weight_key(const std::string& frontend, int rule, std::size_t group);
std::map<std::string, int> weight_thresholds(
    const std::string& frontend, int rule, const link::BalancerAction& action
);

std::string frontend_name(const link::LoadBalancer& balancer, const link::BalancerListener& listener);

// The section of one listener; what it refers to (bodies of fixed responses, certificates) goes to `files`.
std::string frontend_text(
    const link::LoadBalancer& balancer,
    const link::BalancerListener& listener,
    const FrontendPlace& place,
    Files& files
);

inline constexpr const char* weight_map_file = "weights.map";
// Serves where no rule named a group: 503.
inline constexpr const char* no_backend = "b_none";
// Leads back into the proxy, a new connection for each request; the header says to which backend.
inline constexpr const char* own_connection_backend = "b_own";
inline constexpr const char* group_header = "X-Gantry-Group";

}  // namespace gantry::adapter::haproxy
