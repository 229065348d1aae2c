#include "elbv2/metric_name.h"

namespace gantry::elbv2 {
namespace {

metric::Name bare(const LoadBalancerRecord& balancer, const std::string& what) {
    metric::Name name;
    name.account = balancer.account;
    name.region = balancer.region;
    name.space = balancer.network() ? "AWS/NetworkELB" : "AWS/ApplicationELB";
    name.name = what;
    return name;
}

// "targetgroup/NAME/ID"
std::string value_of(const TargetGroupRecord& group) {
    const auto arn = group.arn();
    return arn.substr(arn.rfind(':') + 1);
}

}  // namespace

metric::Name balancer_metric(
    const LoadBalancerRecord& balancer, const std::string& what, const std::string& zone, const TargetGroupRecord* group
) {
    auto name = bare(balancer, what);
    // In the order of their names.
    if (!zone.empty()) name.dimensions.emplace_back("AvailabilityZone", zone);
    name.dimensions.emplace_back("LoadBalancer", balancer.path());
    if (group != nullptr) name.dimensions.emplace_back("TargetGroup", value_of(*group));
    return name;
}

metric::Name group_metric(const LoadBalancerRecord& balancer, const std::string& what, const TargetGroupRecord& group) {
    auto name = bare(balancer, what);
    name.dimensions.emplace_back("TargetGroup", value_of(group));
    return name;
}

}  // namespace gantry::elbv2
