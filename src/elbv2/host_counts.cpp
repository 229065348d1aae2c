#include "elbv2/host_counts.h"

#include <map>

#include "elbv2/target.h"
#include "elbv2/target_group.h"
#include "elbv2/usage.h"

namespace gantry::elbv2 {
namespace {

struct Counts {
    int healthy = 0;
    int unhealthy = 0;
};

metric::Name name_of(
    const LoadBalancerRecord& balancer, const TargetGroupRecord& group, const std::string& zone, const char* what
) {
    metric::Name name;
    name.account = balancer.account;
    name.region = balancer.region;
    name.space = balancer.network() ? "AWS/NetworkELB" : "AWS/ApplicationELB";
    name.name = what;
    // In the order of their names.
    if (!zone.empty()) name.dimensions.emplace_back("AvailabilityZone", zone);
    name.dimensions.emplace_back("LoadBalancer", balancer.path());
    const auto arn = group.arn();
    name.dimensions.emplace_back("TargetGroup", arn.substr(arn.rfind(':') + 1));
    return name;
}

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
                {name_of(balancer, *group, zone, "HealthyHostCount"), metric::Values::of(counts.healthy)}
            );
            all.push_back(
                {name_of(balancer, *group, zone, "UnHealthyHostCount"), metric::Values::of(counts.unhealthy)}
            );
        }
    }
    return all;
}

}  // namespace gantry::elbv2
