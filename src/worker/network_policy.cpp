#include "worker/network_policy.h"

namespace gantry::worker {
namespace {

std::optional<std::uint16_t> port_number(const std::optional<int>& value) {
    if (!value || *value < 0 || *value > 65535) return std::nullopt;  // -1 is ICMP's "any"
    return static_cast<std::uint16_t>(*value);
}

std::vector<port::GroupRule> rules_of(
    const std::vector<link::GroupRule>& rules, const NetworkObjects& objects
) {
    std::vector<port::GroupRule> out;
    for (const auto& rule : rules) {
        if (rule.cidr.empty() && !objects.groups.contains(rule.group)) continue;
        out.push_back(
            {rule.protocol, port_number(rule.from_port), port_number(rule.to_port), rule.cidr,
             rule.cidr.empty() ? rule.group : ""}
        );
    }
    return out;
}

}  // namespace

port::NetworkState network_state(const NetworkObjects& objects) {
    port::NetworkState state;
    for (const auto& [id, vpc] : objects.vpcs) state.vpcs.push_back({id, vpc.cidrs});
    for (const auto& [id, group] : objects.groups)
        state.groups.push_back({id, rules_of(group.ingress, objects), rules_of(group.egress, objects)});
    for (const auto& [id, eni] : objects.enis) {
        if (!objects.vpcs.contains(eni.vpc)) continue;
        port::EniState one{id, eni.address, eni.vpc, {}, eni.outside};
        for (const auto& group : eni.groups)
            if (objects.groups.contains(group)) one.groups.push_back(group);
        state.enis.push_back(std::move(one));
    }
    return state;
}

}  // namespace gantry::worker
