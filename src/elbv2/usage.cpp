#include "elbv2/usage.h"

#include <algorithm>
#include <set>

namespace gantry::elbv2 {

state::Pinned<LoadBalancerRecord> balancer_of(const state::View& view, std::string_view group) {
    const auto listener = view.find_one<ListenersByGroup>(group);
    return listener ? view.get<LoadBalancerRecord>(listener->balancer_key()) : nullptr;
}

bool in_use(const state::View& view, const TargetRecord& target) {
    const auto balancer = balancer_of(view, target.group);
    if (!balancer) return false;
    if (target.zone.empty() || target.zone == "all") return true;
    return std::any_of(balancer->zones.begin(), balancer->zones.end(), [&](const auto& zone) {
        return zone.zone == target.zone;
    });
}

std::vector<state::Pinned<ListenerRecord>> listeners_of(const state::View& view, std::string_view balancer) {
    return view.list<ListenerRecord>(std::string(balancer) + "/");
}

std::vector<std::string> groups_of_balancer(const state::View& view, std::string_view balancer) {
    std::set<std::string> groups;
    for (const auto& listener : listeners_of(view, balancer)) {
        for (auto& group : groups_of(*listener)) groups.insert(std::move(group));
    }
    return {groups.begin(), groups.end()};
}

}  // namespace gantry::elbv2
