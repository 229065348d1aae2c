#include "elbv2/host_counts.h"

#include <map>

#include "elbv2/metric_name.h"
#include "elbv2/target.h"
#include "elbv2/target_group.h"
#include "elbv2/usage.h"

namespace gantry::elbv2 {
namespace {

struct Counts {
    int healthy = 0;
    int unhealthy = 0;
};

}  // namespace

std::vector<HostCount> host_counts(const state::View& view, const LoadBalancerRecord& balancer) {
    std::vector<HostCount> all;
    for (const auto& key : groups_of_balancer(view, balancer.key())) {
        const auto group = view.get<TargetGroupRecord>(key);
        if (!group) continue;
        // The empty zone: all of them.
        std::map<std::string, Counts> zones;
        for (const auto& target : view.find<TargetsByGroup>(key)) {
            if (!in_use(view, *target)) continue;
            for (const auto& zone : {std::string(), target->zone}) {
                if (zone == "all") continue;
                auto& counts = zones[zone];
                counts.healthy += target->health == TargetHealth::healthy;
                counts.unhealthy += target->health == TargetHealth::unhealthy;
                if (target->zone.empty()) break;
            }
        }
        for (const auto& [zone, counts] : zones) {
            all.push_back(
                {balancer_metric(balancer, "HealthyHostCount", zone, group.get()), metric::Values::of(counts.healthy)}
            );
            all.push_back(
                {balancer_metric(balancer, "UnHealthyHostCount", zone, group.get()), metric::Values::of(counts.unhealthy)}
            );
        }
    }
    return all;
}

}  // namespace gantry::elbv2
