#include "codedeploy/traffic_routes.h"

#include "elbv2/find.h"
#include "elbv2/usage.h"

namespace gantry::codedeploy {

using namespace shapes::codedeploy;

namespace {

tl::unexpected<Error> invalid_info(std::string what) {
    return refuse("InvalidLoadBalancerInfoException", "For ECS deployment group, " + std::move(what));
}
tl::unexpected<Error> invalid_pair(std::string message) {
    return refuse("InvalidTargetGroupPairException", std::move(message));
}

Result<state::Pinned<elbv2::ListenerRecord>> route_listener(
    const state::View& view, const Caller& caller, const TrafficRoute& route, const char* member
) {
    if (!route.listener_arns || route.listener_arns->size() != 1)
        return invalid_info(std::string(member) + " must contain exactly one listener ARN");
    auto listener = elbv2::find_listener(view, caller, route.listener_arns->front());
    if (!listener)
        return invalid_pair("The listener " + route.listener_arns->front() + " does not exist.");
    return *std::move(listener);
}

}  // namespace

Result<TrafficRoutes> admit_traffic_routes(
    const state::View& view, const Caller& caller, const LoadBalancerInfo& info
) {
    if (info.elb_info_list && !info.elb_info_list->empty())
        return invalid_info("loadBalancerInfo must not contain elbInfo list");
    if (info.target_group_info_list && !info.target_group_info_list->empty())
        return invalid_info("loadBalancerInfo must not contain targetGroupInfo list");
    if (!info.target_group_pair_info_list || info.target_group_pair_info_list->size() != 1)
        return invalid_info("loadBalancerInfo must contain exactly one targetGroupPairInfo");
    const auto& pair = info.target_group_pair_info_list->front();
    if (!pair.target_groups || pair.target_groups->size() != 2)
        return invalid_info("targetGroupPairInfo must contain exactly two target groups");
    if (!pair.prod_traffic_route) return invalid_info("prodTrafficRoute must be specified");

    TrafficRoutes routes;
    TRY(const auto prod, route_listener(view, caller, *pair.prod_traffic_route, "prodTrafficRoute"));
    routes.prod_listener = prod->key();
    const auto balancer = view.get<elbv2::LoadBalancerRecord>(prod->balancer_key());
    routes.application = !balancer->network();
    // Clients that leave it out send an empty one.
    if (pair.test_traffic_route && pair.test_traffic_route->listener_arns &&
        !pair.test_traffic_route->listener_arns->empty()) {
        TRY(const auto test, route_listener(view, caller, *pair.test_traffic_route, "testTrafficRoute"));
        if (test->key() == prod->key())
            return invalid_pair("The production and the test traffic route must be different listeners.");
        if (test->balancer_key() != prod->balancer_key()) {
            return invalid_pair(
                "The production listener " + prod->arn() + " and the test listener " + test->arn() +
                " must be of the same load balancer."
            );
        }
        routes.test_listener = test->key();
    }
    for (const auto& named : *pair.target_groups) {
        const std::string name = named.name.value_or("");
        const auto group = view.find_one<elbv2::TargetGroupByName>(
            elbv2::key_of(caller.account, caller.region, name)
        );
        if (!group) return invalid_pair("The target group " + name + " does not exist.");
        const auto user = elbv2::balancer_of(view, group->key());
        if (group->vpc != balancer->vpc || (user && user->key() != balancer->key())) {
            return invalid_pair(
                "The target group " + name + " cannot be used with the load balancer " + balancer->arn() + "."
            );
        }
        if (group->application() != routes.application) {
            return invalid_pair(
                "The target group " + name + " has the protocol " + group->protocol +
                ", which the listener " + prod->arn() + " does not forward to."
            );
        }
        if (!routes.groups.empty() && routes.groups.front() == group->key())
            return invalid_pair("The two target groups of a pair must be different.");
        routes.groups.push_back(group->key());
    }
    return routes;
}

}  // namespace gantry::codedeploy
