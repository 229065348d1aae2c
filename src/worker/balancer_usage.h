#pragma once

#include <vector>

#include "link/usage.h"
#include "port/http_balancer.h"
#include "port/network_state.h"
#include "worker/balancer_plan.h"

namespace gantry::worker {

// What was carried, by balancer and zone instead of by address. What came in by the host's address counts for the zone of the
// balancer's lowest address, from which it goes on. Traffic of balancers that are not there is left out.
std::vector<link::FlowUsage> flow_usage(
    const BalancerObjects& objects, const std::vector<port::EntranceTraffic>& carried
);

// Adds what the proxy did, without what was idle.
void add_http_usage(const BalancerObjects& objects, const port::HttpTraffic& traffic, link::Usage& usage);

}  // namespace gantry::worker
