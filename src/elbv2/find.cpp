#include "elbv2/find.h"

#include "elbv2/arn.h"

namespace gantry::elbv2 {
namespace {

tl::unexpected<Error> no_arn(const std::string& arn, const char* noun) {
    return invalid("'" + arn + "' is not a valid " + noun + " ARN");
}

bool own(const ArnParts& parts, const Caller& caller) {
    return parts.account == caller.account && parts.region == caller.region;
}

state::Pinned<ListenerRecord> listener_at(
    const state::View& view, const Caller& caller, const ArnParts& parts
) {
    if (!own(parts, caller)) return nullptr;
    auto listener = view.get<ListenerRecord>(
        ListenerRecord::key(caller.account, caller.region, parts.id, parts.listener)
    );
    const bool same = listener && listener->balancer_path == parts.type + "/" + parts.name + "/" + parts.id;
    return same ? listener : nullptr;
}

}  // namespace

Result<state::Pinned<LoadBalancerRecord>> look_for_balancer(
    const state::View& view, const Caller& caller, const std::string& arn
) {
    const auto parts = parse_arn(arn, ArnParts::Kind::load_balancer);
    if (!parts) return no_arn(arn, "load balancer");
    if (!own(*parts, caller)) return state::Pinned<LoadBalancerRecord>{};
    auto balancer = view.get<LoadBalancerRecord>(key_of(caller.account, caller.region, parts->id));
    if (balancer && balancer->path() != parts->type + "/" + parts->name + "/" + parts->id) balancer.reset();
    return balancer;
}

Result<state::Pinned<TargetGroupRecord>> look_for_group(
    const state::View& view, const Caller& caller, const std::string& arn
) {
    const auto parts = parse_arn(arn, ArnParts::Kind::target_group);
    if (!parts) return no_arn(arn, "target group");
    if (!own(*parts, caller)) return state::Pinned<TargetGroupRecord>{};
    auto group = view.get<TargetGroupRecord>(key_of(caller.account, caller.region, parts->id));
    if (group && group->name != parts->name) group.reset();
    return group;
}

Result<state::Pinned<LoadBalancerRecord>> find_balancer(
    const state::View& view, const Caller& caller, const std::string& arn
) {
    TRY(auto balancer, look_for_balancer(view, caller, arn));
    if (!balancer) return refuse("LoadBalancerNotFound", "Load balancer '" + arn + "' not found");
    return balancer;
}

Result<state::Pinned<TargetGroupRecord>> find_group(
    const state::View& view, const Caller& caller, const std::string& arn
) {
    TRY(auto group, look_for_group(view, caller, arn));
    if (!group) return refuse("TargetGroupNotFound", "Target groups '" + arn + "' not found");
    return group;
}

Result<state::Pinned<ListenerRecord>> find_listener(
    const state::View& view, const Caller& caller, const std::string& arn
) {
    const auto parts = parse_arn(arn, ArnParts::Kind::listener);
    if (!parts) return no_arn(arn, "listener");
    auto listener = listener_at(view, caller, *parts);
    if (!listener) return refuse("ListenerNotFound", "One or more listeners not found");
    return listener;
}

Result<FoundRule> find_rule(const state::View& view, const Caller& caller, const std::string& arn) {
    const auto parts = parse_arn(arn, ArnParts::Kind::rule);
    if (!parts) return no_arn(arn, "listener rule");
    FoundRule found{listener_at(view, caller, *parts)};
    if (found.listener) {
        if (found.listener->default_rule == parts->rule) return found;
        for (std::size_t i = 0; i < found.listener->rules.size(); ++i) {
            if (found.listener->rules[i].id == parts->rule) {
                found.at = i;
                return found;
            }
        }
    }
    return refuse("RuleNotFound", "One or more rules not found");
}

tl::unexpected<Error> invalid(std::string message) { return refuse("ValidationError", std::move(message)); }

tl::unexpected<Error> invalid_configuration(std::string message) {
    return refuse("InvalidConfigurationRequest", std::move(message));
}

tl::unexpected<Error> not_built(const std::string& what) {
    return invalid_configuration("Gantry does not support " + what + " yet");
}

}  // namespace gantry::elbv2
