#pragma once

#include <set>
#include <vector>

#include "adapter/routernet/conntrack.h"
#include "adapter/routernet/ipv4.h"
#include "port/network_state.h"

namespace gantry::adapter::routernet {

// The addresses at which tasks and the host reach balancers inside their VPCs.
std::set<Ipv4> balancer_addresses(const port::NetworkState& state);

// Clients of balanced TCP connections that were forgotten get a reset; others are left alone.
Result<> release_clients(std::vector<Connection> forgotten);

}  // namespace gantry::adapter::routernet
