#include "codedeploy/traffic.h"

#include <algorithm>
#include <numeric>

#include "elbv2/listener_route.h"

namespace gantry::codedeploy {

namespace {

using shapes::elbv2::Action;
using shapes::elbv2::TargetGroupTuple;

// Null: it does not forward, or to a group that is not of the pair.
std::vector<TargetGroupTuple>* tuples_of(Action& action, const GroupPair& pair) {
    if (action.type != "forward" || !action.forward_config || !action.forward_config->target_groups)
        return nullptr;
    auto& groups = *action.forward_config->target_groups;
    const bool ours = std::all_of(groups.begin(), groups.end(), [&](const auto& group) {
        return group.target_group_arn == pair.blue || group.target_group_arn == pair.green;
    });
    return ours && !groups.empty() ? &groups : nullptr;
}

template <class Fn>
void for_each_action(elbv2::ListenerRecord& listener, const Fn& fn) {
    for (auto& action : listener.actions) fn(action);
    for (auto& rule : listener.rules) {
        for (auto& action : rule.actions) fn(action);
    }
}

elbv2::ListenerRecord rewritten(
    elbv2::ListenerRecord listener, const GroupPair& pair, const std::vector<TargetGroupTuple>& groups
) {
    for_each_action(listener, [&](Action& action) {
        if (tuples_of(action, pair) == nullptr) return;
        elbv2::forward_to(action, groups);
    });
    return listener;
}

}  // namespace

std::optional<Split> split_of(const elbv2::ListenerRecord& listener, const GroupPair& pair) {
    auto copy = listener;
    std::optional<Split> found;
    bool differ = false;
    for_each_action(copy, [&](Action& action) {
        const auto* tuples = tuples_of(action, pair);
        if (tuples == nullptr) return;
        int blue = 0, green = 0;
        for (const auto& tuple : *tuples)
            (tuple.target_group_arn == pair.blue ? blue : green) += tuple.weight.value_or(1);
        if (blue + green == 0) return;
        Split split;
        split.green = 100 * green / (blue + green);
        split.blue = 100 - split.green;
        differ = differ || (found && *found != split);
        found = split;
    });
    return differ ? std::nullopt : found;
}

elbv2::ListenerRecord with_split(elbv2::ListenerRecord listener, const GroupPair& pair, Split split) {
    return rewritten(std::move(listener), pair, {{pair.blue, split.blue}, {pair.green, split.green}});
}

elbv2::ListenerRecord with_only(elbv2::ListenerRecord listener, const GroupPair& pair, const std::string& group) {
    return rewritten(std::move(listener), pair, {{group, 1}});
}

}  // namespace gantry::codedeploy
