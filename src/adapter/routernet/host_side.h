#pragma once

#include <set>
#include <string>
#include <vector>

#include "adapter/routernet/options.h"
#include "adapter/routernet/rtnetlink.h"
#include "base/result.h"
#include "port/network_state.h"

namespace gantry::adapter::routernet {

// What the host has already, as far as a VPC's CIDR may collide with it.
struct HostView {
    std::vector<std::pair<Cidr, std::string>> taken;  // and what it is, in words
};

// Reads routes, addresses and the name servers of the file. own_link: its routes are ours and collide with
// nothing.
Result<HostView> look_at_host(Rtnetlink& host, int own_link, const std::string& resolv_conf);

// Which CIDRs of the VPCs get a direct route, and why the others do not. Pure.
std::vector<port::HostRoute> judge_host_routes(const std::vector<port::VpcState>& vpcs, const HostView& view);

// Makes the routes over the own link exactly those, and those to the addresses that balancers have for the
// host (which lie in the loopback range: the kernel looks only into its table of own addresses for them).
Result<> set_host_routes(
    Rtnetlink& host,
    int own_link,
    const Options& options,
    const std::vector<port::HostRoute>& wanted,
    const std::set<Ipv4>& balancers
);

}  // namespace gantry::adapter::routernet
