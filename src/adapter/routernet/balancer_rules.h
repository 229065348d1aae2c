#pragma once

#include "adapter/routernet/ruleset.h"
#include "base/result.h"
#include "port/network_state.h"

namespace gantry::adapter::routernet {

// Everything of the ruleset that is about load balancers has a name with this prefix.
inline constexpr const char* balancer_prefix = "lb_";

// Bits of the connection mark beside those of the groups (0x1, 0x2).
inline constexpr const char* from_balancer_bit = "0x4";   // opened in the router from a balancer's address
inline constexpr const char* preserved_client_bit = "0x8";  // the target sees the client's address

// The sets and maps that the fixed chains name; empty without balancers.
void declare_balancer_sets(Ruleset& made);

// Adds the balancers of the state to a ruleset that has all ENIs already. `invalid` when an address, port,
// protocol or weight makes no sense, an address or listener is there twice, or an interface is unknown.
Result<> add_balancers(const port::NetworkState& state, Ruleset& made);

// The rules that send new flows of one entrance to its targets, none when there are no targets: by a hash of the flow, so that a UDP flow
// comes to the same target also after its tracking entry has ended. Targets in any order give the same.
Result<std::vector<std::string>> spread(const port::FlowListener& listener, const std::string& where);

}  // namespace gantry::adapter::routernet
