#include "elbv2/admit_actions.h"

#include <algorithm>
#include <set>

#include "elbv2/find.h"
#include "elbv2/limits.h"
#include "elbv2/usage.h"

namespace gantry::elbv2 {

using namespace shapes::elbv2;

namespace {

tl::unexpected<Error> invalid_action(std::string message) {
    return refuse("InvalidLoadBalancerAction", std::move(message));
}

// Which groups a listener of this protocol may forward to.
bool compatible(const std::string& listener, const TargetGroupRecord& group) {
    if (listener == "HTTP" || listener == "HTTPS") return group.application();
    return listener == group.protocol;
}

Result<> check_group(
    const state::View& view,
    const Caller& caller,
    const LoadBalancerRecord& balancer,
    const std::string& protocol,
    const std::string& arn
) {
    TRY(const auto group, find_group(view, caller, arn));
    if (!compatible(protocol, *group)) {
        return refuse(
            "IncompatibleProtocols", "The listener and its associated target group '" + arn +
                                         "' have incompatible protocols: '" + protocol + "' and '" +
                                         group->protocol + "'"
        );
    }
    if (group->vpc != balancer.vpc) {
        return invalid_configuration(
            "The target group '" + arn + "' must be in the same VPC as the load balancer '" + balancer.arn() + "'"
        );
    }
    const auto user = balancer_of(view, group->key());
    if (user && user->id != balancer.id) {
        return refuse(
            "TargetGroupAssociationLimit",
            "The following target groups cannot be associated with more than one load balancer: " + arn
        );
    }
    return {};
}

Result<> complete_forward(
    const state::View& view,
    const Caller& caller,
    const LoadBalancerRecord& balancer,
    const std::string& protocol,
    Action& action
) {
    const bool listed = action.forward_config && action.forward_config->target_groups &&
                        !action.forward_config->target_groups->empty();
    if (!listed && !action.target_group_arn)
        return invalid("A target group ARN must be specified for actions with type 'forward'");
    if (!action.forward_config) action.forward_config.emplace();
    auto& forward = *action.forward_config;
    if (!listed) forward.target_groups = {TargetGroupTuple{action.target_group_arn, {}}};
    auto& groups = *forward.target_groups;
    if (listed && action.target_group_arn &&
        (groups.size() != 1 || groups.front().target_group_arn != action.target_group_arn)) {
        return invalid_action(
            "A target group ARN beside a forward configuration must be that of its only target group"
        );
    }
    if (groups.size() > kGroupsPerAction) {
        return refuse(
            "TooManyTargetGroups", "A forward action can have at most " + std::to_string(kGroupsPerAction) +
                                       " target groups"
        );
    }
    std::set<std::string> seen;
    for (auto& group : groups) {
        const std::string arn = group.target_group_arn.value_or("");
        if (!seen.insert(arn).second)
            return invalid_action("The target group '" + arn + "' is specified more than once");
        const int weight = group.weight.value_or(1);
        if (weight < 0 || weight > 999)
            return invalid("The weight of a target group must be between 0 and 999, inclusive");
        group.weight = weight;
        TRY_VOID(check_group(view, caller, balancer, protocol, arn));
    }
    auto& stickiness = forward.target_group_stickiness_config;
    const bool sticky = stickiness && stickiness->enabled.value_or(false);
    if (balancer.network()) {
        if (sticky) {
            return invalid_action("Target group stickiness is not supported for network load balancers");
        }
        stickiness.reset();
    } else {
        if (!stickiness) stickiness.emplace();
        stickiness->enabled = sticky;
        const int seconds = stickiness->duration_seconds.value_or(sticky ? 0 : 3600);
        if (seconds < 1 || seconds > 604800)
            return invalid("The stickiness duration must be between 1 and 604800 seconds, inclusive");
    }
    if (groups.size() == 1) action.target_group_arn = groups.front().target_group_arn;
    return {};
}

Result<> complete_redirect(Action& action) {
    if (!action.redirect_config)
        return invalid("A redirect configuration must be specified for actions with type 'redirect'");
    auto& redirect = *action.redirect_config;
    redirect.protocol = redirect.protocol.value_or("#{protocol}");
    redirect.host = redirect.host.value_or("#{host}");
    redirect.port = redirect.port.value_or("#{port}");
    redirect.path = redirect.path.value_or("/#{path}");
    redirect.query = redirect.query.value_or("#{query}");
    if (!redirect.path->starts_with('/')) return invalid("The path of a redirect must begin with '/'");
    const auto& port = *redirect.port;
    const bool number = !port.empty() && port.size() <= 5 &&
                        std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
                        std::stoi(port) >= 1 && std::stoi(port) <= 65535;
    if (!number && port != "#{port}")
        return invalid("The port of a redirect must be '#{port}' or a number between 1 and 65535");
    if (redirect.protocol == "#{protocol}" && redirect.host == "#{host}" && redirect.port == "#{port}" &&
        redirect.path == "/#{path}") {
        return invalid_action(
            "The redirect must modify at least one of the following components to avoid a loop: protocol, "
            "hostname, port or path"
        );
    }
    return {};
}

Result<> check_fixed_response(const Action& action) {
    if (!action.fixed_response_config)
        return invalid("A fixed response configuration must be specified for actions with type 'fixed-response'");
    const std::string type = action.fixed_response_config->content_type.value_or("");
    const char* types[] = {
        "", "text/plain", "text/css", "text/html", "application/javascript", "application/json"
    };
    if (std::none_of(std::begin(types), std::end(types), [&](const char* one) { return type == one; }))
        return invalid("The content type '" + type + "' is not supported for fixed responses");
    return {};
}

}  // namespace

Result<std::vector<Action>> admit_actions(
    const state::View& view,
    const Caller& caller,
    const LoadBalancerRecord& balancer,
    const std::string& protocol,
    std::vector<Action> actions
) {
    if (actions.empty()) return invalid("At least one action must be specified");
    for (const auto& action : actions) {
        if (action.type.starts_with("authenticate-") || action.type == "jwt-validation")
            return not_built("actions with type '" + action.type + "'");
        if (balancer.network() && action.type != "forward")
            return invalid("Action type '" + action.type + "' must be one of 'forward'");
    }
    if (actions.size() > 1) {
        return invalid_action(
            "Exactly one action with type 'forward', 'redirect' or 'fixed-response' must be specified"
        );
    }
    auto& action = actions.front();
    if (action.type == "forward") {
        TRY_VOID(complete_forward(view, caller, balancer, protocol, action));
    } else if (action.type == "redirect") {
        TRY_VOID(complete_redirect(action));
    } else {
        TRY_VOID(check_fixed_response(action));
    }
    return actions;
}

Result<> check_groups_of_balancer(
    const state::View& view, const LoadBalancerRecord& balancer, const std::vector<Action>& added
) {
    const auto used = groups_of_balancer(view, balancer.key());
    std::set<std::string> groups(used.begin(), used.end());
    for (auto& group : groups_of(added)) groups.insert(std::move(group));
    if (groups.size() <= kGroupsPerBalancer) return {};
    return refuse(
        "TooManyUniqueTargetGroupsPerLoadBalancer",
        "A load balancer can forward to at most " + std::to_string(kGroupsPerBalancer) + " target groups"
    );
}

}  // namespace gantry::elbv2
