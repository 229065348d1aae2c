#include "elbv2/show_listener.h"

#include "elbv2/arn.h"
#include "elbv2/find.h"

namespace gantry::elbv2 {

shapes::elbv2::Listener show(const ListenerRecord& listener) {
    shapes::elbv2::Listener out;
    out.listener_arn = listener.arn();
    out.load_balancer_arn =
        arn_of(listener.account, listener.region, "loadbalancer/" + listener.balancer_path);
    out.port = listener.port;
    out.protocol = listener.protocol;
    if (listener.secure()) {
        out.certificates.emplace();
        if (!listener.certificates.empty())
            out.certificates->emplace_back().certificate_arn = listener.certificates.front();
        out.ssl_policy = listener.ssl_policy;
        out.mutual_authentication.emplace().mode = "off";
    }
    out.default_actions = listener.actions;
    return out;
}

shapes::elbv2::Rule show_rule(const ListenerRecord& listener, std::size_t at) {
    shapes::elbv2::Rule out;
    out.is_default = at == FoundRule::kDefault;
    if (*out.is_default) {
        out.rule_arn = listener.rule_arn(listener.default_rule);
        out.priority = "default";
        out.conditions.emplace();
        out.actions = listener.actions;
        return out;
    }
    const auto& rule = listener.rules.at(at);
    out.rule_arn = listener.rule_arn(rule.id);
    out.priority = std::to_string(rule.priority);
    out.conditions = rule.conditions;
    out.actions = rule.actions;
    return out;
}

}  // namespace gantry::elbv2
