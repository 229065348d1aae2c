#include <algorithm>

#include "ecs/admit_service.h"
#include "ecs/admit_strategy.h"
#include "elbv2/service_targets.h"

namespace gantry::ecs {

using namespace shapes::ecs;

namespace {

constexpr const char* kInvalid = "InvalidParameterException";
constexpr std::size_t kTargetGroupsMax = 5;

Result<void> check_container(const ServiceLoadBalancer& balancer, const RevisionRecord& definition) {
    const auto& containers = *definition.definition.container_definitions;
    const auto container = std::find_if(containers.begin(), containers.end(), [&](const auto& candidate) {
        return candidate.name == balancer.container;
    });
    if (container == containers.end()) {
        return refuse(
            kInvalid, "The container " + balancer.container + " does not exist in the task definition."
        );
    }
    const auto& ports = container->port_mappings;
    const auto maps = [&](const PortMapping& mapping) { return mapping.container_port == balancer.port; };
    if (!ports || std::none_of(ports->begin(), ports->end(), maps)) {
        return refuse(
            kInvalid, "The container " + balancer.container + " did not have a container port " +
                          std::to_string(balancer.port) + " defined."
        );
    }
    return {};
}

Result<elbv2::ServiceGroup> check_group(
    const state::View& view,
    const std::string& arn,
    const std::string& vpc,
    const Caller& caller,
    bool behind_listener = true
) {
    auto group = elbv2::find_service_group(view, caller.account, caller.region, arn);
    if (!group)
        return refuse(kInvalid, "The specified target group does not exist. (targetGroupArn: " + arn + ")");
    if (group->target_type != "ip") {
        return refuse(
            kInvalid, "The provided target group " + arn + " has target type " + group->target_type +
                          ", which is incompatible with the awsvpc network mode specified in the task "
                          "definition."
        );
    }
    if (group->vpc != vpc) {
        return refuse(
            kInvalid, "The provided target group " + arn + " is in the VPC " + group->vpc +
                          ", which is not the VPC " + vpc + " of the subnets."
        );
    }
    if (behind_listener && !group->has_load_balancer) {
        return refuse(
            kInvalid,
            "The target group with targetGroupArn " + arn + " does not have an associated load balancer."
        );
    }
    return *std::move(group);
}

}  // namespace

Result<std::vector<ServiceLoadBalancer>> admit_load_balancers(
    const state::View& view,
    const std::vector<LoadBalancer>& given,
    const RevisionRecord& definition,
    const std::string& vpc,
    const Caller& caller,
    bool behind_listener
) {
    if (given.size() > kTargetGroupsMax)
        return refuse(kInvalid, "loadBalancers can have at most 5 items.");
    std::vector<ServiceLoadBalancer> admitted;
    for (const auto& item : given) {
        if (item.load_balancer_name && !item.load_balancer_name->empty()) {
            return refuse(
                kInvalid, "Classic Load Balancers are not supported with the awsvpc network mode. Specify a "
                          "targetGroupArn instead of a loadBalancerName."
            );
        }
        ServiceLoadBalancer balancer;
        balancer.target_group_arn = item.target_group_arn.value_or("");
        balancer.container = item.container_name.value_or("");
        if (balancer.target_group_arn.empty())
            return refuse(kInvalid, "targetGroupArn must be specified for each load balancer.");
        if (balancer.container.empty())
            return refuse(kInvalid, "containerName must be specified for each load balancer.");
        if (!item.container_port)
            return refuse(kInvalid, "containerPort must be specified for each load balancer.");
        balancer.port = *item.container_port;
        TRY_VOID(check_container(balancer, definition));
        TRY(const auto group, check_group(view, balancer.target_group_arn, vpc, caller, behind_listener));
        balancer.group = group.key;
        if (item.advanced_configuration)
            TRY_VOID(admit_advanced(view, *item.advanced_configuration, caller, balancer));
        if (std::find(admitted.begin(), admitted.end(), balancer) != admitted.end())
            return refuse(kInvalid, "The same load balancer cannot be specified more than once.");
        admitted.push_back(std::move(balancer));
    }
    return admitted;
}

Result<void> check_containers(
    const std::vector<ServiceLoadBalancer>& balancers, const RevisionRecord& definition
) {
    for (const auto& balancer : balancers) {
        TRY_VOID(check_container(balancer, definition));
    }
    return {};
}

Result<void> check_target_groups(
    const state::View& view,
    const std::vector<ServiceLoadBalancer>& balancers,
    const std::string& vpc,
    const Caller& caller
) {
    for (const auto& balancer : balancers) {
        TRY_VOID(check_group(view, balancer.target_group_arn, vpc, caller));
    }
    return {};
}

}  // namespace gantry::ecs
