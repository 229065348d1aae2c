#pragma once

#include <string>
#include <vector>

#include "elbv2/load_balancer.h"
#include "metric/name.h"
#include "metric/values.h"
#include "state/view.h"

namespace gantry::elbv2 {

struct HostCount {
    metric::Name name;
    metric::Values values;
};

// HealthyHostCount and UnHealthyHostCount, of a balancer's groups that have targets in use: AWS/NetworkELB or
// AWS/ApplicationELB by target group and balancer, and by zone besides. Targets that are not judged yet, and draining ones, count as
// neither.
std::vector<HostCount> host_counts(const state::View& view, const LoadBalancerRecord& balancer);

}  // namespace gantry::elbv2
