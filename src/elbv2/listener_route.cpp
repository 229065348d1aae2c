#include "elbv2/listener_route.h"

#include <algorithm>

#include "elbv2/arn.h"

namespace gantry::elbv2 {

using shapes::elbv2::Action;
using shapes::elbv2::TargetGroupTuple;

namespace {

// Null: it is not there any more.
template <class Listener>
auto actions_of(Listener& listener, const ListenerRoute& route) -> decltype(&listener.actions) {
    if (route.rule.empty()) return &listener.actions;
    const auto rule = std::find_if(listener.rules.begin(), listener.rules.end(), [&](const auto& one) {
        return one.id == route.rule;
    });
    return rule == listener.rules.end() ? nullptr : &rule->actions;
}

template <class Actions>
auto forward_of(Actions& actions) -> decltype(&actions.front()) {
    const auto found = std::find_if(actions.begin(), actions.end(), [](const Action& action) {
        return action.type == "forward";
    });
    return found == actions.end() ? nullptr : &*found;
}

}  // namespace

std::optional<ListenerRoute> find_route(
    const state::View& view, const std::string& account, const std::string& region, const std::string& arn
) {
    const auto parts = parse_arn(arn);
    if (!parts || parts->account != account || parts->region != region) return {};
    if (parts->kind != ArnParts::Kind::listener && parts->kind != ArnParts::Kind::rule) return {};
    const auto listener =
        view.get<ListenerRecord>(ListenerRecord::key(account, region, parts->id, parts->listener));
    if (!listener) return {};
    ListenerRoute route{listener->key(), {}, !listener->balancer_path.starts_with("net/")};
    if (parts->kind == ArnParts::Kind::listener || parts->rule == listener->default_rule) return route;
    route.rule = parts->rule;
    if (actions_of(*listener, route) == nullptr) return {};
    return route;
}

std::optional<std::map<std::string, int>> weights_of(const ListenerRecord& listener, const ListenerRoute& route) {
    const auto* actions = actions_of(listener, route);
    const auto* forward = actions == nullptr ? nullptr : forward_of(*actions);
    if (forward == nullptr) return {};
    std::map<std::string, int> weights;
    if (forward->forward_config && forward->forward_config->target_groups) {
        for (const auto& group : *forward->forward_config->target_groups)
            weights[group.target_group_arn.value_or("")] += group.weight.value_or(1);
    } else if (forward->target_group_arn) {
        weights[*forward->target_group_arn] = 1;
    }
    return weights;
}

void forward_to(Action& action, std::vector<TargetGroupTuple> groups) {
    action.target_group_arn.reset();
    // As elbv2 shows a forward to one group.
    if (groups.size() == 1) action.target_group_arn = groups.front().target_group_arn;
    if (!action.forward_config) action.forward_config.emplace();
    action.forward_config->target_groups = std::move(groups);
}

void set_weights(ListenerRecord& listener, const ListenerRoute& route, std::vector<TargetGroupTuple> groups) {
    auto* actions = actions_of(listener, route);
    auto* forward = actions == nullptr ? nullptr : forward_of(*actions);
    if (forward != nullptr) forward_to(*forward, std::move(groups));
}

}  // namespace gantry::elbv2
