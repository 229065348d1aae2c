#include "elbv2/balancer_object.h"

#include <charconv>

#include "elbv2/arn.h"
#include "elbv2/attributes.h"

namespace gantry::elbv2 {

using namespace shapes::elbv2;

namespace {

int number_in(std::string_view text) {
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::string group_id(const std::optional<std::string>& arn) {
    const auto parts = arn ? parse_arn(*arn, ArnParts::Kind::target_group) : std::nullopt;
    return parts ? parts->id : "";
}

void forward(const Action& action, link::BalancerAction& out) {
    if (!action.forward_config || !action.forward_config->target_groups) {
        out.groups.push_back({group_id(action.target_group_arn), 1});
        return;
    }
    for (const auto& group : *action.forward_config->target_groups)
        out.groups.push_back({group_id(group.target_group_arn), group.weight.value_or(1)});
    const auto& stickiness = action.forward_config->target_group_stickiness_config;
    if (stickiness && stickiness->enabled.value_or(false))
        out.stickiness_seconds = stickiness->duration_seconds.value_or(3600);
}

void append(std::vector<std::string>& out, const std::optional<std::vector<std::string>>& values) {
    if (values) out.insert(out.end(), values->begin(), values->end());
}

}  // namespace

link::BalancerAction action_object(const std::vector<Action>& actions) {
    link::BalancerAction out;
    if (actions.empty()) return out;
    const auto& action = actions.back();
    out.type = action.type;
    if (action.redirect_config) {
        const auto& redirect = *action.redirect_config;
        out.protocol = redirect.protocol.value_or("#{protocol}");
        out.host = redirect.host.value_or("#{host}");
        out.port = redirect.port.value_or("#{port}");
        out.path = redirect.path.value_or("/#{path}");
        out.query = redirect.query.value_or("#{query}");
        out.status_code = redirect.status_code == "HTTP_301" ? 301 : 302;
    } else if (action.fixed_response_config) {
        const auto& fixed = *action.fixed_response_config;
        out.status_code = number_in(fixed.status_code);
        out.content_type = fixed.content_type.value_or("");
        out.body = fixed.message_body.value_or("");
    } else {
        forward(action, out);
    }
    return out;
}

link::BalancerCondition condition_object(const RuleCondition& condition) {
    link::BalancerCondition out;
    out.field = condition.field.value_or("");
    const auto take = [&](const auto& config) {
        if (!config) return;
        append(out.values, config->values);
        if constexpr (requires { config->regex_values; }) append(out.regex_values, config->regex_values);
    };
    append(out.values, condition.values);
    append(out.regex_values, condition.regex_values);
    // The general member and the field's own say the same thing twice.
    if (out.values.empty() && out.regex_values.empty()) {
        take(condition.host_header_config);
        take(condition.path_pattern_config);
        take(condition.http_request_method_config);
        take(condition.source_ip_config);
        take(condition.http_header_config);
    }
    if (condition.http_header_config) out.header = condition.http_header_config->http_header_name.value_or("");
    if (condition.query_string_config && condition.query_string_config->values) {
        for (const auto& pair : *condition.query_string_config->values)
            out.query.push_back({pair.key.value_or(""), pair.value.value_or("")});
    }
    return out;
}

link::LoadBalancer balancer_object(
    const LoadBalancerRecord& balancer,
    const std::vector<state::Pinned<ListenerRecord>>& listeners,
    const std::vector<std::vector<link::BalancerCertificate>>& certificates
) {
    link::LoadBalancer out;
    out.id = balancer.id;
    out.type = balancer.type;
    out.name = balancer.name;
    out.dns_name = balancer.dns_name();
    out.host_address = balancer.host_address;
    for (const auto& zone : balancer.zones) out.addresses.push_back({zone.zone, zone.eni, zone.address});
    out.security_groups = !balancer.groups.empty();
    out.attributes = attributes_of(balancer);
    for (std::size_t i = 0; i < listeners.size(); ++i) {
        const auto& listener = *listeners[i];
        auto& shown = out.listeners.emplace_back();
        shown.id = listener.id;
        shown.protocol = listener.protocol;
        shown.port = listener.port;
        shown.default_action = action_object(listener.actions);
        for (const auto& rule : listener.rules) {
            auto& added = shown.rules.emplace_back();
            added.priority = rule.priority;
            for (const auto& condition : rule.conditions)
                added.conditions.push_back(condition_object(condition));
            added.action = action_object(rule.actions);
        }
        shown.certificates = certificates[i];
        shown.ssl_policy = listener.ssl_policy;
        shown.attributes = attributes_of(listener);
    }
    return out;
}

link::TargetGroup group_object(
    const TargetGroupRecord& group,
    const LoadBalancerRecord& balancer,
    const std::vector<state::Pinned<TargetRecord>>& targets
) {
    link::TargetGroup out;
    out.id = group.id;
    out.name = group.name;
    out.protocol = group.protocol;
    out.protocol_version = group.protocol_version;
    const auto& check = group.health_check;
    out.health_check.enabled = check.enabled;
    out.health_check.protocol = check.protocol;
    out.health_check.port = check.port == "traffic-port" ? 0 : number_in(check.port);
    out.health_check.path = check.path;
    out.health_check.matcher = check.grpc_codes.empty() ? check.http_codes : check.grpc_codes;
    out.health_check.interval = check.interval;
    out.health_check.timeout = check.timeout;
    out.health_check.healthy_threshold = check.healthy_threshold;
    out.health_check.unhealthy_threshold = check.unhealthy_threshold;
    out.attributes = attributes_of(group);
    if (!balancer.zones.empty()) out.probe_from = balancer.zones.front().address;
    for (const auto& target : targets) {
        link::TargetState state = link::TargetState::initial;
        if (target->health == TargetHealth::healthy) state = link::TargetState::healthy;
        if (target->health == TargetHealth::unhealthy) state = link::TargetState::unhealthy;
        if (target->health == TargetHealth::draining) state = link::TargetState::draining;
        out.targets.push_back({target->address, target->port, target->zone, state, target->registration});
    }
    return out;
}

}  // namespace gantry::elbv2
