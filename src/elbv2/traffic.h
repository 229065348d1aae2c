#pragma once

#include <string>
#include <vector>

#include "link/usage.h"
#include "metric/name.h"
#include "metric/values.h"
#include "state/view.h"

namespace gantry::elbv2 {

struct TrafficSample {
    metric::Name name;
    std::string unit;
    metric::Values values;
};

// What workers say their balancers carried, as AWS/NetworkELB's and AWS/ApplicationELB's metrics, by balancer, and by zone and target
// group where AWS has these dimensions. As on AWS, an application balancer without requests reports nothing, a network one zeros.
//
// open_connections: whether this is the one reading in a minute that says how many there are (ActiveConnectionCount is summed).
std::vector<TrafficSample> balancer_traffic(const state::View& view, const link::Usage& usage, bool open_connections);

}  // namespace gantry::elbv2
