#include "elbv2/attributes.h"

#include <charconv>

#include "elbv2/attribute_facts.h"
#include "elbv2/find.h"

namespace gantry::elbv2 {
namespace {

using Kind = AttributeFact::Kind;

constexpr AttributeFact flag(const char* key, const char* initial) { return {key, initial, Kind::boolean}; }
constexpr AttributeFact text(const char* key) { return {key, "", Kind::text}; }
constexpr AttributeFact choice(const char* key, const char* initial, const char* choices) {
    return {key, initial, Kind::choice, 0, 0, choices};
}
constexpr AttributeFact number(const char* key, const char* initial, long least, long most) {
    return {key, initial, Kind::number, least, most};
}
constexpr AttributeFact number_or_off(const char* key, const char* initial, long least, long most) {
    return {key, initial, Kind::number, least, most, "", true};
}
constexpr AttributeFact number_or_zero(const char* key, const char* initial, long least, long most) {
    return {key, initial, Kind::number, least, most, "", false, true};
}

constexpr AttributeFact kBalancer[] = {
    flag("access_logs.s3.enabled", "false"),
    text("access_logs.s3.bucket"),
    text("access_logs.s3.prefix"),
    flag("deletion_protection.enabled", "false"),
    flag("ipv6.deny_all_igw_traffic", "false"),
    flag("zonal_shift.config.enabled", "false"),
};
constexpr AttributeFact kNetworkBalancer[] = {
    flag("load_balancing.cross_zone.enabled", "false"),
    choice(
        "dns_record.client_routing_policy",
        "any_availability_zone",
        "any_availability_zone|availability_zone_affinity|partial_availability_zone_affinity"
    ),
    number("secondary_ips.auto_assigned.per_subnet", "0", 0, 7),
};
constexpr AttributeFact kApplicationBalancer[] = {
    choice("load_balancing.cross_zone.enabled", "true", "true"),  // always on, as on AWS
    number("idle_timeout.timeout_seconds", "60", 1, 4000),
    number("client_keep_alive.seconds", "3600", 60, 604800),
    flag("connection_logs.s3.enabled", "false"),
    text("connection_logs.s3.bucket"),
    text("connection_logs.s3.prefix"),
    flag("health_check_logs.s3.enabled", "false"),
    text("health_check_logs.s3.bucket"),
    text("health_check_logs.s3.prefix"),
    choice("routing.http.desync_mitigation_mode", "defensive", "monitor|defensive|strictest"),
    flag("routing.http.drop_invalid_header_fields.enabled", "false"),
    flag("routing.http.preserve_host_header.enabled", "false"),
    flag("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"),
    flag("routing.http.xff_client_port.enabled", "false"),
    choice("routing.http.xff_header_processing.mode", "append", "append|preserve|remove"),
    flag("routing.http2.enabled", "true"),
    flag("waf.fail_open.enabled", "false"),
};

constexpr AttributeFact kGroup[] = {
    number("deregistration_delay.timeout_seconds", "300", 0, 3600),
    flag("stickiness.enabled", "false"),
    choice(
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        "true|false|use_load_balancer_configuration"
    ),
    number_or_off("target_group_health.dns_failover.minimum_healthy_targets.count", "1", 1, 1000),
    number_or_off("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off", 1, 100),
    number("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1", 1, 1000),
    number_or_off(
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off", 1, 100
    ),
};
constexpr AttributeFact kNetworkGroup[] = {
    choice("stickiness.type", "source_ip", "source_ip"),
    flag("deregistration_delay.connection_termination.enabled", "false"),
    flag("preserve_client_ip.enabled", "true"),
    flag("proxy_protocol_v2.enabled", "false"),
    flag("target_health_state.unhealthy.connection_termination.enabled", "true"),
    number("target_health_state.unhealthy.draining_interval_seconds", "0", 0, 360000),
};
constexpr AttributeFact kApplicationGroup[] = {
    choice("stickiness.type", "lb_cookie", "lb_cookie|app_cookie"),
    number("stickiness.lb_cookie.duration_seconds", "86400", 1, 604800),
    text("stickiness.app_cookie.cookie_name"),
    number("stickiness.app_cookie.duration_seconds", "86400", 1, 604800),
    number_or_zero("slow_start.duration_seconds", "0", 30, 900),
    choice(
        "load_balancing.algorithm.type",
        "round_robin",
        "round_robin|least_outstanding_requests|weighted_random"
    ),
    choice("load_balancing.algorithm.anomaly_mitigation", "off", "on|off"),
};

constexpr AttributeFact kTcpListener[] = {number("tcp.idle_timeout.seconds", "350", 60, 6000)};
constexpr AttributeFact kHttpListener[] = {
    flag("routing.http.response.server.enabled", "true"),
    text("routing.http.response.strict_transport_security.header_value"),
    text("routing.http.response.access_control_allow_origin.header_value"),
    text("routing.http.response.access_control_allow_methods.header_value"),
    text("routing.http.response.access_control_allow_headers.header_value"),
    text("routing.http.response.access_control_allow_credentials.header_value"),
    text("routing.http.response.access_control_expose_headers.header_value"),
    text("routing.http.response.access_control_max_age.header_value"),
    text("routing.http.response.content_security_policy.header_value"),
    text("routing.http.response.x_content_type_options.header_value"),
    text("routing.http.response.x_frame_options.header_value"),
};
constexpr AttributeFact kHttpsListener[] = {
    text("routing.http.request.x_amzn_mtls_clientcert.header_name"),
    text("routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name"),
    text("routing.http.request.x_amzn_mtls_clientcert_issuer.header_name"),
    text("routing.http.request.x_amzn_mtls_clientcert_subject.header_name"),
    text("routing.http.request.x_amzn_mtls_clientcert_validity.header_name"),
    text("routing.http.request.x_amzn_mtls_clientcert_leaf.header_name"),
    text("routing.http.request.x_amzn_tls_version.header_name"),
    text("routing.http.request.x_amzn_tls_cipher_suite.header_name"),
};

AttributeFacts facts_of(const LoadBalancerRecord& balancer) {
    if (balancer.network()) return {kBalancer, kNetworkBalancer};
    return {kBalancer, kApplicationBalancer};
}

AttributeFacts facts_of(const TargetGroupRecord& group) {
    if (group.application()) return {kGroup, kApplicationGroup};
    return {kGroup, kNetworkGroup};
}

AttributeFacts facts_of(const ListenerRecord& listener) {
    if (listener.protocol == "HTTPS") return {kHttpListener, kHttpsListener};
    if (listener.protocol == "HTTP") return {kHttpListener};
    if (listener.protocol == "TCP" || listener.protocol == "TCP_UDP") return {kTcpListener};
    return {};
}

}  // namespace

Attributes attributes_of(const LoadBalancerRecord& balancer) {
    return with_defaults(facts_of(balancer), balancer.attributes);
}

Attributes attributes_of(const TargetGroupRecord& group) {
    Attributes all = with_defaults(facts_of(group), group.attributes);
    if (group.application()) return all;
    const auto initially = [&](const char* key, bool value) {
        if (!group.attributes.contains(key)) all[key] = value ? "true" : "false";
    };
    const bool datagrams = group.protocol == "UDP" || group.protocol == "TCP_UDP";
    initially("preserve_client_ip.enabled", datagrams || group.target_type != "ip");
    initially("deregistration_delay.connection_termination.enabled", datagrams);
    return all;
}

Attributes attributes_of(const ListenerRecord& listener) {
    return with_defaults(facts_of(listener), listener.attributes);
}

Result<> set_attributes(LoadBalancerRecord& balancer, const Attributes& changes) {
    return change(facts_of(balancer), "Load balancer", changes, balancer.attributes);
}

Result<> set_attributes(TargetGroupRecord& group, const Attributes& changes) {
    if (const auto type = changes.find("stickiness.type"); type != changes.end()) {
        const bool of_cookies = type->second == "lb_cookie" || type->second == "app_cookie";
        if ((of_cookies || type->second == "source_ip") && of_cookies != group.application()) {
            return invalid_configuration(
                "Stickiness type '" + type->second + "' is not supported for target groups with the " +
                group.protocol + " protocol"
            );
        }
    }
    TRY_VOID(change(facts_of(group), "Target group", changes, group.attributes));
    const auto all = attributes_of(group);
    const bool datagrams = group.protocol == "UDP" || group.protocol == "TCP_UDP";
    if (datagrams && all.at("preserve_client_ip.enabled") == "false") {
        return invalid_configuration(
            "Client IP preservation cannot be disabled for target groups with the " + group.protocol + " protocol"
        );
    }
    if (group.application() && all.at("slow_start.duration_seconds") != "0" &&
        all.at("load_balancing.algorithm.type") != "round_robin") {
        return invalid_configuration("Slow start is supported for the round_robin algorithm only");
    }
    if (group.application() && all.at("stickiness.enabled") == "true" &&
        all.at("stickiness.type") == "app_cookie" && all.at("stickiness.app_cookie.cookie_name").empty()) {
        return invalid_configuration("A cookie name must be specified for app_cookie stickiness");
    }
    return {};
}

Result<> set_attributes(ListenerRecord& listener, const Attributes& changes) {
    return change(facts_of(listener), "Listener", changes, listener.attributes);
}

Duration deregistration_delay(const TargetGroupRecord& group) {
    const auto set = group.attributes.find("deregistration_delay.timeout_seconds");
    long seconds = 300;
    if (set != group.attributes.end())
        std::from_chars(set->second.data(), set->second.data() + set->second.size(), seconds);
    return std::chrono::seconds(seconds);
}

}  // namespace gantry::elbv2
