// Target groups and their targets through their operations.
#include <gtest/gtest.h>

#include "dispatch/elbv2_handlers.h"
#include "elbv2/admit_target_group.h"
#include "elbv2/attributes.h"
#include "elbv2/elbv2_client_test.h"
#include "link/balancer_objects.h"

namespace gantry::elbv2 {
namespace {

using namespace shapes::elbv2;
using testing::Client;

CreateTargetGroupRequest asked(const Client& client, const char* protocol) {
    CreateTargetGroupRequest request;
    request.name = "blue";
    request.protocol = protocol;
    request.port = 80;
    request.vpc_id = client.vpc->id;
    request.target_type = "ip";
    return request;
}

shapes::elbv2::TargetGroup make(Client& client, const CreateTargetGroupRequest& request) {
    const auto made = client.ok(create_target_group, request).target_groups;
    return made && !made->empty() ? made->front() : shapes::elbv2::TargetGroup{};
}

std::map<std::string, std::string> attributes(Client& client, const std::string& arn) {
    std::map<std::string, std::string> all;
    const auto shown = client.ok(describe_target_group_attributes, {.target_group_arn = arn});
    for (const auto& one : *shown.attributes)
        all[*one.key] = *one.value;
    return all;
}

TEST(TargetGroup, HealthChecksHaveAwsDefaultsForEachProtocol) {
    struct Row {
        const char* protocol;
        const char* check;  // asked for; null: none
        const char* version;
        const char* checked;
        int timeout;
        const char* path;
        const char* matcher;
    };
    const Row table[] = {
        {"TCP", nullptr, nullptr, "TCP", 10, "", ""},
        {"UDP", nullptr, nullptr, "TCP", 10, "", ""},
        {"TCP_UDP", "HTTP", nullptr, "HTTP", 6, "/", "200-399"},
        {"TCP", "HTTPS", "", "HTTPS", 10, "/", "200-399"},
        {"HTTP", nullptr, "", "HTTP", 5, "/", "200"},
        {"HTTPS", "HTTPS", "HTTP2", "HTTPS", 5, "/", "200"},
        {"HTTP", nullptr, "GRPC", "HTTP", 5, "/AWS.ALB/healthcheck", "12"},
    };
    for (const auto& row : table) {
        Client client;
        auto request = asked(client, row.protocol);
        if (row.check != nullptr) request.health_check_protocol = row.check;
        if (row.version != nullptr) request.protocol_version = row.version;
        const auto made = make(client, request);
        EXPECT_EQ(*made.health_check_protocol, row.checked) << row.protocol;
        EXPECT_EQ(*made.health_check_timeout_seconds, row.timeout) << row.protocol;
        EXPECT_EQ(*made.health_check_interval_seconds, 30);
        EXPECT_EQ(*made.healthy_threshold_count, 5);
        EXPECT_EQ(*made.unhealthy_threshold_count, 2);
        EXPECT_EQ(*made.health_check_port, "traffic-port");
        EXPECT_EQ(made.health_check_path.value_or(""), row.path);
        const Matcher matcher = made.matcher.value_or(Matcher{});
        EXPECT_EQ(matcher.http_code.value_or("") + matcher.grpc_code.value_or(""), row.matcher);
    }
    Client client;
    EXPECT_EQ(*make(client, asked(client, "HTTP")).protocol_version, "HTTP1");
}

TEST(TargetGroup, RefusesWhatAwsRefuses) {
    struct Row {
        const char* protocol;
        std::function<void(CreateTargetGroupRequest&)> change;
        const char* refusal;
    };
    const Row table[] = {
        {"TCP", [](auto& r) { r.protocol.reset(); }, "ValidationError: A protocol must be specified"},
        {"TCP", [](auto& r) { r.port.reset(); }, "ValidationError: A port must be specified"},
        {"TCP", [](auto& r) { r.vpc_id.reset(); }, "ValidationError: A VPC ID must be specified"},
        {"TCP", [](auto& r) { r.vpc_id = "vpc-0"; }, "ValidationError: The VPC ID 'vpc-0' is not found"},
        {"TCP", [](auto& r) { r.name = "-a"; },
         "ValidationError: The target group name '-a' cannot begin or end with '-'"},
        {"TCP", [](auto& r) { r.health_check_interval_seconds = 5; },
         "ValidationError: Health check timeout '10' must be smaller than or equal to the interval '5'"},
        {"HTTP", [](auto& r) { r.health_check_interval_seconds = 5; },
         "ValidationError: Health check timeout '5' must be smaller than the interval '5'"},
        {"HTTP", [](auto& r) { r.health_check_protocol = "TCP"; },
         "ValidationError: Health check protocol 'TCP' is not supported for target groups with the HTTP protocol"},
        {"TCP", [](auto& r) { r.health_check_path = "/"; },
         "ValidationError: Health check paths are not supported for health checks with the TCP protocol"},
        {"HTTP", [](auto& r) { r.health_check_path = "x"; },
         "ValidationError: Health check path 'x' must begin with a '/' character"},
        {"HTTP", [](auto& r) { r.health_check_port = "0"; },
         "ValidationError: Health check port '0' must be 'traffic-port' or a port number"},
        {"HTTP", [](auto& r) { r.matcher.emplace().http_code = "500"; },
         "ValidationError: Health check matcher HTTP code '500' must be within '200-499' inclusive"},
        {"TCP", [](auto& r) { r.matcher.emplace().http_code = "200"; },
         "ValidationError: Health check matcher codes cannot be customized for health checks with the TCP protocol"},
        {"HTTP", [](auto& r) { r.protocol_version = "HTTP3"; },
         "ValidationError: Protocol version 'HTTP3' must be one of 'GRPC, HTTP1, HTTP2'"},
        {"GENEVE", [](auto&) {},
         "InvalidConfigurationRequest: Gantry does not support target groups with protocol 'GENEVE' yet"},
        {"TCP", [](auto& r) { r.target_type = "alb"; },
         "InvalidConfigurationRequest: Gantry does not support target groups of type 'alb' yet"},
    };
    Client client;
    for (const auto& row : table) {
        auto request = asked(client, row.protocol);
        row.change(request);
        EXPECT_EQ(client.refused(create_target_group, request), row.refusal);
    }
}

TEST(TargetGroup, CodeLists) {
    EXPECT_TRUE(is_code_list("200", 200, 499));
    EXPECT_TRUE(is_code_list("200,302,400-404", 200, 499));
    for (const char* bad : {"", "abc", "200,", ",200", "199", "200-500", "300-200", "200-", "2 00"})
        EXPECT_FALSE(is_code_list(bad, 200, 499)) << bad;
}

TEST(TargetGroup, IsCreatedOnceForEqualSettingsFoundAndDeleted) {
    Client client;
    EXPECT_EQ(
        client.refused(describe_target_groups, {.names = {{"blue"}}}),
        "TargetGroupNotFound: One or more target groups not found"
    );
    const auto made = make(client, asked(client, "TCP"));
    const std::string arn = *made.target_group_arn;
    EXPECT_TRUE(arn.starts_with("arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/blue/"));
    EXPECT_EQ(*make(client, asked(client, "TCP")).target_group_arn, arn);
    EXPECT_EQ(
        client.refused(create_target_group, asked(client, "UDP")),
        "DuplicateTargetGroupName: A target group with the same name 'blue' exists, but with different settings"
    );
    EXPECT_EQ(client.ok(describe_target_groups, {.target_group_arns = {{arn}}}).target_groups->size(), 1u);
    EXPECT_EQ(client.ok(describe_target_groups, {.names = {{"blue"}}}).target_groups->size(), 1u);
    EXPECT_TRUE(made.load_balancer_arns->empty());
    client.ok(register_targets, {.target_group_arn = arn, .targets = {{.id = "172.31.0.10"}}});
    client.ok(delete_target_group, {.target_group_arn = arn});
    client.ok(delete_target_group, {.target_group_arn = arn});
    EXPECT_TRUE(client.view().list<TargetRecord>().empty());
    EXPECT_EQ(
        client.refused(describe_target_health, {.target_group_arn = arn}),
        "TargetGroupNotFound: Target groups '" + arn + "' not found"
    );
    client.expect_converged();
}

TEST(TargetGroup, ModifyingKeepsWhatIsNotNamed) {
    Client client;
    auto request = asked(client, "TCP");
    request.health_check_interval_seconds = 10;
    const std::string arn = *make(client, request).target_group_arn;
    const auto changed = client.ok(
        modify_target_group, {.target_group_arn = arn, .health_check_protocol = "HTTP", .health_check_path = "/up"}
    );
    const auto& group = changed.target_groups->front();
    EXPECT_EQ(*group.health_check_interval_seconds, 10);
    EXPECT_EQ(*group.health_check_timeout_seconds, 6);
    EXPECT_EQ(*group.health_check_path, "/up");
    EXPECT_EQ(*group.matcher->http_code, "200-399");
    EXPECT_EQ(
        *client.ok(modify_target_group, {.target_group_arn = arn, .healthy_threshold_count = 3})
             .target_groups->front()
             .health_check_path,
        "/up"
    );
    const auto back =
        client.ok(modify_target_group, {.target_group_arn = arn, .health_check_protocol = "TCP"});
    EXPECT_FALSE(back.target_groups->front().health_check_path);
}

TEST(TargetGroup, AttributesHaveAwsDefaultsAndAreChecked) {
    Client client;
    const std::string arn = *make(client, asked(client, "TCP")).target_group_arn;
    const std::map<std::string, std::string> of_tcp = {
        {"deregistration_delay.connection_termination.enabled", "false"},
        {"deregistration_delay.timeout_seconds", "300"},
        {"load_balancing.cross_zone.enabled", "use_load_balancer_configuration"},
        {"preserve_client_ip.enabled", "false"},
        {"proxy_protocol_v2.enabled", "false"},
        {"stickiness.enabled", "false"},
        {"stickiness.type", "source_ip"},
        {"target_group_health.dns_failover.minimum_healthy_targets.count", "1"},
        {"target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"},
        {"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"},
        {"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off"},
        {"target_health_state.unhealthy.connection_termination.enabled", "true"},
        {"target_health_state.unhealthy.draining_interval_seconds", "0"},
    };
    EXPECT_EQ(attributes(client, arn), of_tcp);
    auto udp = asked(client, "UDP");
    udp.name = "udp";
    const std::string udp_arn = *make(client, udp).target_group_arn;
    EXPECT_EQ(attributes(client, udp_arn).at("preserve_client_ip.enabled"), "true");
    auto http = asked(client, "HTTP");
    http.name = "http";
    const std::string http_arn = *make(client, http).target_group_arn;
    EXPECT_EQ(attributes(client, http_arn).at("stickiness.type"), "lb_cookie");
    EXPECT_EQ(attributes(client, http_arn).at("stickiness.lb_cookie.duration_seconds"), "86400");
    EXPECT_EQ(attributes(client, http_arn).at("load_balancing.algorithm.type"), "round_robin");

    const auto modify = [&](const std::string& group, const char* key, const char* value) {
        const auto done = client.call(
            modify_target_group_attributes,
            {.target_group_arn = group, .attributes = {TargetGroupAttribute{.key = key, .value = value}}}
        );
        return done ? "" : done.error().code + ": " + done.error().message;
    };
    EXPECT_EQ(modify(arn, "deregistration_delay.timeout_seconds", "5"), "");
    EXPECT_EQ(
        deregistration_delay(*client.view().find_one<TargetGroupByName>("123456789012/ap-northeast-1/blue")),
        std::chrono::seconds(5)
    );
    EXPECT_EQ(
        modify(arn, "stickiness.type", "lb_cookie"),
        "InvalidConfigurationRequest: Stickiness type 'lb_cookie' is not supported for target groups with the TCP "
        "protocol"
    );
    EXPECT_EQ(
        modify(arn, "slow_start.duration_seconds", "30"),
        "ValidationError: Target group attribute key 'slow_start.duration_seconds' is not recognized"
    );
    EXPECT_EQ(
        modify(udp_arn, "preserve_client_ip.enabled", "false").substr(0, 28), "InvalidConfigurationRequest:"
    );
    for (const std::string value : {"1", "29", "901", "-1", "-0", "off", ""}) {
        EXPECT_EQ(
            modify(http_arn, "slow_start.duration_seconds", value.c_str()),
            "ValidationError: The value '" + value +
                "' of attribute 'slow_start.duration_seconds' must be 0 or a number between 30 and 900"
        );
    }
    for (const char* value : {"0", "900", "30"})
        EXPECT_EQ(modify(http_arn, "slow_start.duration_seconds", value), "");
    EXPECT_EQ(
        modify(http_arn, "load_balancing.algorithm.type", "least_outstanding_requests"),
        "InvalidConfigurationRequest: Slow start is supported for the round_robin algorithm only"
    );
    EXPECT_EQ(
        modify(http_arn, "stickiness.enabled", "maybe"),
        "ValidationError: The value 'maybe' of attribute 'stickiness.enabled' must be either 'true' or 'false'"
    );
}

// A balancer whose listener forwards to the group.
struct Served : Client {
    Served() {
        arn = *make(*this, asked(*this, "TCP")).target_group_arn;
        const auto balancer = ok(create_load_balancer, {.name = "front", .subnets = subnets, .type = "network"});
        shapes::elbv2::Action action;
        action.type = "forward";
        action.target_group_arn = arn;
        ok(create_listener, {.load_balancer_arn = *balancer.load_balancers->front().load_balancer_arn,
                             .protocol = "TCP",
                             .port = 8081,
                             .default_actions = {action}});
    }
    void add(const std::string& address) {
        ok(register_targets, {.target_group_arn = arn, .targets = {{.id = address}}});
    }
    // "ADDRESS:PORT STATE REASON" of each.
    std::vector<std::string> health(std::optional<std::vector<TargetDescription>> only = {}) {
        std::vector<std::string> lines;
        const auto all = ok(describe_target_health, {.target_group_arn = arn, .targets = only});
        for (const auto& one : *all.target_health_descriptions) {
            lines.push_back(
                one.target->id + ":" + std::to_string(*one.target->port) + " " + *one.target_health->state + " " +
                one.target_health->reason.value_or("")
            );
        }
        return lines;
    }
    std::string arn;
};

TEST(Target, GoesFromInitialToHealthyToDrainingToGone) {
    Served served;
    served.add("172.31.0.10");
    using Lines = std::vector<std::string>;
    EXPECT_EQ(served.health(), Lines{"172.31.0.10:80 initial Elb.RegistrationInProgress"});
    served.report("172.31.0.10", {link::ProbeOutcome::success, 5});
    EXPECT_EQ(served.health(), Lines{"172.31.0.10:80 healthy "});
    served.add("172.31.0.10");
    EXPECT_EQ(served.health(), Lines{"172.31.0.10:80 healthy "});
    served.ok(deregister_targets, {.target_group_arn = served.arn, .targets = {{.id = "172.31.0.10"}}});
    EXPECT_EQ(served.health(), Lines{"172.31.0.10:80 draining Target.DeregistrationInProgress"});
    served.add("172.31.0.10");
    EXPECT_EQ(served.health(), Lines{"172.31.0.10:80 initial Elb.RegistrationInProgress"});
    served.ok(deregister_targets, {.target_group_arn = served.arn, .targets = {{.id = "172.31.0.10", .port = 80}}});
    served.wait(std::chrono::seconds(300));
    EXPECT_TRUE(served.health().empty());
    EXPECT_EQ(
        served.health({{TargetDescription{.id = "172.31.0.10"}}}),
        Lines{"172.31.0.10:80 unused Target.NotRegistered"}
    );
    served.ok(deregister_targets, {.target_group_arn = served.arn, .targets = {{.id = "172.31.0.10"}}});
    served.expect_converged();
}

TEST(Target, IsShownWithItsZoneAndWithoutOverride) {
    Served served;
    const auto subnet = served.view().get<ec2::SubnetRecord>("123456789012/ap-northeast-1/" + served.subnets[0]);
    served.add(ec2::format(ec2::Ipv4{subnet->block().first().bits + 10}));
    const auto all =
        served.ok(describe_target_health, {.target_group_arn = served.arn, .include = {{"AnomalyDetection"}}});
    const auto& one = all.target_health_descriptions->front();
    EXPECT_EQ(*one.target->availability_zone, subnet->zone);
    EXPECT_EQ(*one.health_check_port, "80");
    EXPECT_EQ(*one.administrative_override->state, "no_override");
    EXPECT_FALSE(one.anomaly_detection);
}

TEST(Target, RefusesAddressesThatNothingReaches) {
    struct Row {
        TargetDescription target;
        const char* refusal;
    };
    const Row table[] = {
        {{.id = "i-0123"}, "ValidationError: The IP address 'i-0123' is not a valid IPv4 address"},
        {{.id = "172.31.255.1"}, "InvalidTarget: The IP address '172.31.255.1' is not within a subnet of VPC"},
        {{.id = "8.8.8.8"}, "ValidationError: The IP address '8.8.8.8' must be within the VPC or one of"},
        {{.id = "10.1.1.1"}, "ValidationError: The Availability Zone 'all' must be specified for the IP address"},
    };
    Served served;
    for (const auto& row : table) {
        const auto refusal =
            served.refused(register_targets, {.target_group_arn = served.arn, .targets = {row.target}});
        EXPECT_EQ(refusal.substr(0, std::string(row.refusal).size()), row.refusal);
    }
    served.ok(
        register_targets,
        {.target_group_arn = served.arn, .targets = {{.id = "10.1.1.1", .availability_zone = "all"}}}
    );
    EXPECT_EQ(
        served.refused(delete_target_group, {.target_group_arn = served.arn}),
        "ResourceInUse: Target group '" + served.arn + "' is currently in use by a listener or a rule"
    );
    std::vector<TargetDescription> many(101, TargetDescription{.id = "172.31.0.10"});
    EXPECT_EQ(
        served.refused(register_targets, {.target_group_arn = served.arn, .targets = many}),
        "ValidationError: At most 100 targets can be specified in one request"
    );
}

}  // namespace
}  // namespace gantry::elbv2
