#include "elbv2/listener.h"

#include <algorithm>

#include "elbv2/arn.h"

namespace gantry::elbv2 {
namespace {

void collect(const std::vector<shapes::elbv2::Action>& actions, std::vector<std::string>& groups) {
    const auto add = [&](const std::optional<std::string>& arn) {
        const auto parts = arn ? parse_arn(*arn, ArnParts::Kind::target_group) : std::nullopt;
        if (!parts) return;
        std::string key = key_of(parts->account, parts->region, parts->id);
        if (std::find(groups.begin(), groups.end(), key) == groups.end()) groups.push_back(std::move(key));
    };
    for (const auto& action : actions) {
        add(action.target_group_arn);
        if (!action.forward_config || !action.forward_config->target_groups) continue;
        for (const auto& group : *action.forward_config->target_groups) add(group.target_group_arn);
    }
}

}  // namespace

std::string ListenerRecord::arn() const {
    return arn_of(account, region, "listener/" + balancer_path + "/" + id);
}

std::string ListenerRecord::rule_arn(std::string_view rule) const {
    return arn_of(account, region, "listener-rule/" + balancer_path + "/" + id + "/" + std::string(rule));
}

std::vector<std::string> groups_of(const std::vector<shapes::elbv2::Action>& actions) {
    std::vector<std::string> groups;
    collect(actions, groups);
    return groups;
}

std::vector<std::string> groups_of(const ListenerRecord& listener) {
    std::vector<std::string> groups;
    collect(listener.actions, groups);
    for (const auto& rule : listener.rules) collect(rule.actions, groups);
    return groups;
}

}  // namespace gantry::elbv2
