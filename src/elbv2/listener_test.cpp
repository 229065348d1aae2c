// Listeners, rules, certificates and tags through their operations.
#include <gtest/gtest.h>

#include "dispatch/ec2_handlers.h"
#include "dispatch/elbv2_handlers.h"
#include "elbv2/elbv2_client_test.h"
#include "iam/certificate_use.h"
#include "iam/server_certificate.h"
#include "link/balancer_objects.h"

namespace gantry::elbv2 {
namespace {

using namespace shapes::elbv2;
using testing::Client;

Action forward(const std::string& group) {
    Action action;
    action.type = "forward";
    action.target_group_arn = group;
    return action;
}

Action forward(const std::vector<TargetGroupTuple>& groups) {
    Action action;
    action.type = "forward";
    action.forward_config.emplace().target_groups = groups;
    return action;
}

Action redirect(const RedirectActionConfig& config) {
    Action action;
    action.type = "redirect";
    action.redirect_config = config;
    return action;
}

Action fixed(const std::string& status, const std::string& type = "text/plain") {
    Action action;
    action.type = "fixed-response";
    auto& response = action.fixed_response_config.emplace();
    response.status_code = status;
    response.content_type = type;
    return action;
}

RuleCondition path(const std::string& value) {
    RuleCondition condition;
    condition.field = "path-pattern";
    condition.values = std::vector{value};
    return condition;
}

struct Shop : Client {
    Shop() {
        net = balancer("net", "network");
        app = balancer("app", "application");
        blue = group("blue", "TCP");
        green = group("green", "TCP");
        web = group("web", "HTTP");
        api = group("api", "HTTP");
        iam::ServerCertificateRecord one;
        one.account = caller.account;
        for (const char* name : {"first", "second"}) {
            one.name = name;
            one.certificate = std::string("PEM of ") + name;
            (one.name == "first" ? first : second) = one.arn();
            commit([&](state::Txn& txn) { txn.put(one); });
        }
    }
    std::string balancer(const std::string& name, const std::string& type) {
        return *ok(create_load_balancer, {.name = name, .subnets = subnets, .type = type})
                    .load_balancers->front()
                    .load_balancer_arn;
    }
    std::string group(const std::string& name, const std::string& protocol, const std::string& in = "") {
        CreateTargetGroupRequest request;
        request.name = name;
        request.protocol = protocol;
        request.port = 80;
        request.vpc_id = in.empty() ? vpc->id : in;
        request.target_type = "ip";
        return *ok(create_target_group, request).target_groups->front().target_group_arn;
    }
    static CreateListenerRequest request(
        const std::string& balancer, const char* protocol, int port, const Action& action
    ) {
        CreateListenerRequest request;
        request.load_balancer_arn = balancer;
        request.protocol = protocol;
        request.port = port;
        request.default_actions = {action};
        return request;
    }
    shapes::elbv2::Listener listen(const CreateListenerRequest& request) {
        const auto made = ok(create_listener, request).listeners;
        return made && !made->empty() ? made->front() : shapes::elbv2::Listener{};
    }
    link::LoadBalancer told(const std::string& arn) {
        return object<link::LoadBalancer>("w1", "load_balancer", std::string(id_in(arn)));
    }
    std::string net, app, blue, green, web, api, first, second;
};

TEST(Listener, ForwardsAndIsToldToTheWorker) {
    Shop shop;
    const auto made = shop.listen(Shop::request(shop.net, "TCP", 8081, forward(shop.blue)));
    const auto& action = made.default_actions->front();
    EXPECT_EQ(*action.target_group_arn, shop.blue);
    EXPECT_EQ(*action.forward_config->target_groups->front().weight, 1);
    EXPECT_FALSE(made.certificates);
    EXPECT_TRUE(made.listener_arn->starts_with(
        "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:listener/net/net/"
    ));
    EXPECT_EQ(*made.load_balancer_arn, shop.net);
    const auto told = shop.told(shop.net);
    ASSERT_EQ(told.listeners.size(), 1u);
    EXPECT_EQ(told.listeners[0].port, 8081);
    EXPECT_EQ(told.listeners[0].attributes.at("tcp.idle_timeout.seconds"), "350");
    EXPECT_EQ(
        told.listeners[0].default_action.groups,
        (std::vector<link::WeightedGroup>{{std::string(id_in(shop.blue)), 1}})
    );
    const auto groups = shop.ok(describe_target_groups, {.load_balancer_arn = shop.net}).target_groups;
    ASSERT_EQ(groups->size(), 1u);
    EXPECT_EQ(*groups->front().load_balancer_arns, std::vector{shop.net});
    EXPECT_EQ(*shop.listen(Shop::request(shop.net, "TCP", 8081, forward(shop.blue))).listener_arn, *made.listener_arn);
    EXPECT_EQ(shop.ok(describe_listeners, {.load_balancer_arn = shop.net}).listeners->size(), 1u);
    EXPECT_EQ(shop.ok(describe_listeners, {.listener_arns = {{*made.listener_arn}}}).listeners->size(), 1u);
    shop.ok(delete_listener, {.listener_arn = *made.listener_arn});
    EXPECT_EQ(
        shop.refused(describe_listeners, {.listener_arns = {{*made.listener_arn}}}),
        "ListenerNotFound: One or more listeners not found"
    );
    shop.ok(delete_target_group, {.target_group_arn = shop.blue});
    shop.expect_converged();
}

TEST(Listener, WeightsShareTrafficOnNetworkBalancersToo) {
    Shop shop;
    const auto made = shop.listen(Shop::request(
        shop.net, "TCP", 8081, forward({TargetGroupTuple{shop.blue, 999}, TargetGroupTuple{shop.green, 0}})
    ));
    EXPECT_FALSE(made.default_actions->front().target_group_arn);
    const auto told = shop.told(shop.net).listeners[0].default_action;
    ASSERT_EQ(told.groups.size(), 2u);
    EXPECT_EQ(told.groups[0].weight, 999);
    EXPECT_EQ(told.groups[1].weight, 0);
}

TEST(Listener, RefusesWhatAwsRefuses) {
    Shop shop;
    const std::string other_vpc = *shop.ok(ec2::create_vpc, {.cidr_block = "10.0.0.0/16"}).vpc->vpc_id;
    const std::string elsewhere = shop.group("elsewhere", "TCP", other_vpc);
    const std::string other_app = shop.balancer("other", "application");
    shop.listen(Shop::request(other_app, "HTTP", 80, forward(shop.api)));
    shop.listen(Shop::request(shop.net, "TCP", 9000, forward(shop.green)));
    auto without_protocol = Shop::request(shop.net, "TCP", 1, forward(shop.blue));
    without_protocol.protocol.reset();
    auto without_port = Shop::request(shop.net, "TCP", 1, forward(shop.blue));
    without_port.port.reset();
    auto with_certificate = Shop::request(shop.app, "HTTP", 1, forward(shop.web));
    with_certificate.certificates = {Certificate{.certificate_arn = shop.first}};
    auto unknown_certificate = Shop::request(shop.app, "HTTPS", 1, forward(shop.web));
    unknown_certificate.certificates = {Certificate{.certificate_arn = "arn:x"}};
    auto unknown_policy = Shop::request(shop.app, "HTTPS", 1, forward(shop.web));
    unknown_policy.ssl_policy = "x";
    auto no_actions = Shop::request(shop.app, "HTTP", 1, forward(shop.web));
    no_actions.default_actions.clear();
    auto two_actions = Shop::request(shop.app, "HTTP", 1, forward(shop.web));
    two_actions.default_actions.push_back(fixed("200"));
    Action authenticate;
    authenticate.type = "authenticate-oidc";
    struct Row {
        CreateListenerRequest request;
        std::string refusal;
    };
    const Row table[] = {
        {without_protocol, "ValidationError: A listener protocol must be specified"},
        {without_port, "ValidationError: A listener port must be specified"},
        {Shop::request(shop.app, "TCP", 1, forward(shop.web)),
         "ValidationError: Listener protocol 'TCP' must be one of 'HTTPS, HTTP'"},
        {Shop::request(shop.net, "HTTP", 1, forward(shop.blue)),
         "ValidationError: Listener protocol 'HTTP' must be one of 'TCP, TLS, UDP, TCP_UDP'"},
        {Shop::request(shop.net, "TLS", 1, forward(shop.blue)),
         "UnsupportedProtocol: Gantry does not support listeners with protocol 'TLS' yet"},
        {Shop::request(shop.net, "TCP", 9000, forward(shop.blue)),
         "DuplicateListener: A listener already exists on this port for this load balancer '" + shop.net + "'"},
        {Shop::request(shop.net, "TCP", 1, forward(shop.web)),
         "IncompatibleProtocols: The listener and its associated target group '" + shop.web +
             "' have incompatible protocols: 'TCP' and 'HTTP'"},
        {Shop::request(shop.net, "TCP", 1, forward(shop.blue + "0")),
         "TargetGroupNotFound: Target groups '" + shop.blue + "0' not found"},
        {Shop::request(shop.net, "TCP", 1, forward(std::string("blue"))),
         "ValidationError: 'blue' is not a valid target group ARN"},
        {Shop::request(shop.net, "TCP", 1, forward(elsewhere)),
         "InvalidConfigurationRequest: The target group '" + elsewhere +
             "' must be in the same VPC as the load balancer '" + shop.net + "'"},
        {Shop::request(shop.app, "HTTP", 1, forward(shop.api)),
         "TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load "
         "balancer: " +
             shop.api},
        {Shop::request(shop.net, "TCP", 1, forward({TargetGroupTuple{shop.blue, 1000}})),
         "ValidationError: The weight of a target group must be between 0 and 999, inclusive"},
        {Shop::request(shop.net, "TCP", 1, fixed("200")),
         "ValidationError: Action type 'fixed-response' must be one of 'forward'"},
        {Shop::request(shop.app, "HTTP", 1, authenticate),
         "InvalidConfigurationRequest: Gantry does not support actions with type 'authenticate-oidc' yet"},
        {Shop::request(shop.app, "HTTP", 1, fixed("200", "image/png")),
         "ValidationError: The content type 'image/png' is not supported for fixed responses"},
        {Shop::request(shop.app, "HTTP", 1, redirect({.status_code = "HTTP_301"})),
         "InvalidLoadBalancerAction: The redirect must modify at least one of the following components to avoid a "
         "loop: protocol, hostname, port or path"},
        {no_actions, "ValidationError: At least one action must be specified"},
        {two_actions,
         "InvalidLoadBalancerAction: Exactly one action with type 'forward', 'redirect' or 'fixed-response' must be "
         "specified"},
        {with_certificate, "ValidationError: Certificates cannot be specified for HTTP listeners"},
        {unknown_certificate, "CertificateNotFound: Certificate 'arn:x' not found"},
        {unknown_policy, "SSLPolicyNotFound: SSL policy 'x' not found"},
        {Shop::request(shop.app, "HTTPS", 1, forward(shop.web)),
         "ValidationError: A certificate must be specified for HTTPS listeners"},
        {Shop::request(shop.net + "0", "TCP", 1, forward(shop.blue)),
         "LoadBalancerNotFound: Load balancer '" + shop.net + "0' not found"},
    };
    for (const auto& row : table) EXPECT_EQ(shop.refused(create_listener, row.request), row.refusal);
}

TEST(Listener, ModifyingKeepsWhatIsNotNamed) {
    Shop shop;
    const std::string arn =
        *shop.listen(Shop::request(shop.net, "TCP", 8081, forward(shop.blue))).listener_arn;
    shop.listen(Shop::request(shop.net, "TCP", 8082, forward(shop.blue)));
    auto changed = shop.ok(modify_listener, {.listener_arn = arn, .default_actions = {{forward(shop.green)}}});
    EXPECT_EQ(*changed.listeners->front().port, 8081);
    EXPECT_EQ(*changed.listeners->front().default_actions->front().target_group_arn, shop.green);
    EXPECT_TRUE(shop.held["w1"].contains("target_group/" + std::string(id_in(shop.green))));
    changed = shop.ok(modify_listener, {.listener_arn = arn, .port = 80});
    EXPECT_EQ(*changed.listeners->front().default_actions->front().target_group_arn, shop.green);
    EXPECT_EQ(
        shop.refused(modify_listener, {.listener_arn = arn, .port = 8082}),
        "DuplicateListener: A listener already exists on this port for this load balancer '" + shop.net + "'"
    );
    EXPECT_EQ(
        shop.refused(modify_listener, {.listener_arn = arn, .protocol = "UDP"}).substr(0, 22), "IncompatibleProtocols:"
    );
    const auto attributes = shop.ok(
        modify_listener_attributes,
        {.listener_arn = arn,
         .attributes = {ListenerAttribute{.key = "tcp.idle_timeout.seconds", .value = "60"}}}
    );
    EXPECT_EQ(*attributes.attributes->front().value, "60");
    EXPECT_EQ(shop.ok(describe_listener_attributes, {.listener_arn = arn}).attributes->size(), 1u);
    shop.expect_converged();
}

TEST(Listener, RedirectsAreCompletedWithPlaceholders) {
    Shop shop;
    const auto made = shop.listen(
        Shop::request(shop.app, "HTTP", 80, redirect({.protocol = "HTTPS", .port = "443", .status_code = "HTTP_301"}))
    );
    const auto& shown = *made.default_actions->front().redirect_config;
    EXPECT_EQ(*shown.host, "#{host}");
    EXPECT_EQ(*shown.path, "/#{path}");
    EXPECT_EQ(*shown.query, "#{query}");
    const auto told = shop.told(shop.app).listeners[0].default_action;
    EXPECT_EQ(told.type, "redirect");
    EXPECT_EQ(told.protocol, "HTTPS");
    EXPECT_EQ(told.status_code, 301);
}

TEST(Listener, CertificatesAreClaimedAndTold) {
    Shop shop;
    auto request = Shop::request(shop.app, "HTTPS", 443, forward(shop.web));
    request.certificates = {Certificate{.certificate_arn = shop.first}};
    const auto made = shop.listen(request);
    EXPECT_EQ(*made.ssl_policy, "ELBSecurityPolicy-2016-08");
    EXPECT_EQ(*made.certificates->front().certificate_arn, shop.first);
    EXPECT_EQ(shop.told(shop.app).listeners[0].certificates[0].certificate, "PEM of first");
    const auto claimed = [&](const std::string& arn) {
        return shop.view().find<iam::CertificateUses>(arn).size() == 1;
    };
    EXPECT_TRUE(claimed(shop.first));
    const std::string arn = *made.listener_arn;
    shop.ok(add_listener_certificates, {.listener_arn = arn, .certificates = {{.certificate_arn = shop.second}}});
    EXPECT_TRUE(claimed(shop.second));
    EXPECT_EQ(shop.ok(describe_listener_certificates, {.listener_arn = arn}).certificates->size(), 2u);
    EXPECT_EQ(
        shop.refused(
            remove_listener_certificates, {.listener_arn = arn, .certificates = {{.certificate_arn = shop.first}}}
        ),
        "OperationNotPermitted: Default certificate '" + shop.first + "' cannot be removed"
    );
    EXPECT_EQ(
        shop.refused(
            add_listener_certificates, {.listener_arn = arn, .certificates = {{.certificate_arn = "x"}}}
        ),
        "CertificateNotFound: Certificate 'x' not found"
    );
    shop.ok(remove_listener_certificates, {.listener_arn = arn, .certificates = {{.certificate_arn = shop.second}}});
    EXPECT_FALSE(claimed(shop.second));
    auto renewed = *shop.view().find_one<iam::ServerCertificateByArn>(shop.first);
    renewed.certificate = "newer";
    shop.commit([&](state::Txn& txn) { txn.put(renewed); });
    EXPECT_EQ(shop.told(shop.app).listeners[0].certificates[0].certificate, "newer");
    shop.ok(delete_load_balancer, {.load_balancer_arn = shop.app});
    EXPECT_FALSE(claimed(shop.first));
    shop.expect_converged();
}

struct Ruled : Shop {
    Ruled() { listener = *listen(request(app, "HTTP", 80, forward(web))).listener_arn; }
    shapes::elbv2::Rule add(int priority, const std::string& value) {
        return ok(create_rule, {.listener_arn = listener,
                                .conditions = {path(value)},
                                .priority = priority,
                                .actions = {forward(api)}})
            .rules->front();
    }
    std::vector<std::string> priorities() {
        std::vector<std::string> list;
        const auto shown = ok(describe_rules, {.listener_arn = listener});
        for (const auto& rule : *shown.rules)
            list.push_back(*rule.priority);
        return list;
    }
    std::string listener;
};

TEST(Rule, StandsByPriorityBeforeTheDefault) {
    Ruled shop;
    const auto late = shop.add(20, "/late/*");
    const auto early = shop.add(5, "/early/*");
    EXPECT_EQ(shop.priorities(), (std::vector<std::string>{"5", "20", "default"}));
    EXPECT_TRUE(early.rule_arn->starts_with(
        "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:listener-rule/app/app/"
    ));
    EXPECT_EQ(*early.conditions->front().values, std::vector<std::string>{"/early/*"});
    EXPECT_EQ(*early.conditions->front().path_pattern_config->values, std::vector<std::string>{"/early/*"});
    const auto told = shop.told(shop.app).listeners[0].rules;
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0].priority, 5);
    EXPECT_EQ(told[0].conditions[0].values, std::vector<std::string>{"/early/*"});
    EXPECT_EQ(
        shop.refused(create_rule, {.listener_arn = shop.listener,
                                   .conditions = {path("/x")},
                                   .priority = 5,
                                   .actions = {forward(shop.web)}}),
        "PriorityInUse: Priority '5' is currently in use"
    );
    const auto swapped = shop.ok(
        set_rule_priorities, {.rule_priorities = {{*early.rule_arn, 20}, {*late.rule_arn, 5}}}
    );
    EXPECT_EQ(*swapped.rules->front().priority, "20");
    EXPECT_EQ(
        shop.refused(set_rule_priorities, {.rule_priorities = {{*early.rule_arn, 5}}}),
        "PriorityInUse: Priority '5' is currently in use"
    );
    const auto changed =
        shop.ok(modify_rule, {.rule_arn = *late.rule_arn, .actions = {{forward(shop.web)}}}).rules->front();
    EXPECT_EQ(*changed.actions->front().target_group_arn, shop.web);
    EXPECT_EQ(*changed.conditions->front().values, std::vector<std::string>{"/late/*"});
    shop.ok(delete_rule, {.rule_arn = *late.rule_arn});
    EXPECT_EQ(shop.priorities(), (std::vector<std::string>{"20", "default"}));
    EXPECT_EQ(
        shop.refused(describe_rules, {.rule_arns = {{*late.rule_arn}}}), "RuleNotFound: One or more rules not found"
    );
    shop.expect_converged();
}

TEST(Rule, TheDefaultOneCanNotBeChangedAndNetworkListenersHaveNone) {
    Ruled shop;
    const auto rules = *shop.ok(describe_rules, {.listener_arn = shop.listener}).rules;
    ASSERT_TRUE(*rules.front().is_default);
    const std::string arn = *rules.front().rule_arn;
    EXPECT_EQ(
        shop.refused(delete_rule, {.rule_arn = arn}),
        "OperationNotPermitted: Default rule '" + arn + "' cannot be deleted"
    );
    EXPECT_EQ(
        shop.refused(modify_rule, {.rule_arn = arn}),
        "OperationNotPermitted: Default rule '" + arn + "' cannot be modified"
    );
    const auto network = *shop.listen(Shop::request(shop.net, "TCP", 1, forward(shop.blue))).listener_arn;
    EXPECT_EQ(
        shop.refused(describe_rules, {.listener_arn = network}),
        "UnsupportedProtocol: Rules are unsupported for Network Load Balancer listeners"
    );
}

TEST(Rule, ConditionsAreChecked) {
    Ruled shop;
    const auto field = [](const char* name, std::vector<std::string> values) {
        RuleCondition condition;
        condition.field = name;
        condition.values = std::move(values);
        return condition;
    };
    RuleCondition header;
    header.field = "http-header";
    RuleCondition query;
    query.field = "query-string";
    RuleCondition good_header = header;
    good_header.http_header_config.emplace().http_header_name = "User-Agent";
    good_header.http_header_config->values = std::vector<std::string>{"*curl*"};
    RuleCondition good_query = query;
    good_query.query_string_config.emplace().values =
        std::vector{QueryStringKeyValuePair{.key = "v", .value = "1"}};
    struct Row {
        std::vector<RuleCondition> conditions;
        const char* refusal;
    };
    const Row table[] = {
        {{}, "ValidationError: At least one condition must be specified"},
        {{field("path", {"/"})},
         "ValidationError: Condition field 'path' must be one of '[path-pattern, host-header, http-header, "
         "http-request-method, query-string, source-ip]'"},
        {{field("host-header", {"a"}), field("host-header", {"b"})},
         "ValidationError: A rule can only have one 'host-header' condition"},
        {{field("path-pattern", {"/1", "/2", "/3", "/4", "/5", "/6"})},
         "ValidationError: A rule can only have '5' condition values"},
        {{field("path-pattern", {"/******"})}, "ValidationError: A rule can only have '5' condition wildcards"},
        {{field("path-pattern", {"/ "})},
         "ValidationError: Condition value '/ ' contains a character that is not valid"},
        {{field("http-request-method", {"get"})},
         "ValidationError: Condition value 'get' contains a character that is not valid"},
        {{field("source-ip", {"10.0.0.1"})},
         "ValidationError: Condition value '10.0.0.1' must be in CIDR format"},
        {{header}, "ValidationError: An HTTP header name must be specified for the field 'http-header'"},
        {{query}, "ValidationError: At least one condition value must be specified for the field 'query-string'"},
    };
    for (const auto& row : table) {
        EXPECT_EQ(
            shop.refused(create_rule, {.listener_arn = shop.listener,
                                       .conditions = row.conditions,
                                       .priority = 7,
                                       .actions = {fixed("404")}}),
            row.refusal
        );
    }
    shop.ok(create_rule, {.listener_arn = shop.listener,
                          .conditions = {good_header, good_query, field("source-ip", {"10.0.0.0/8"}),
                                         field("http-request-method", {"GET"})},
                          .priority = 7,
                          .actions = {fixed("404")}});
    const auto told = shop.told(shop.app).listeners[0].rules[0];
    EXPECT_EQ(told.conditions[0].header, "User-Agent");
    EXPECT_EQ(told.conditions[0].values, std::vector<std::string>{"*curl*"});
    EXPECT_EQ(told.conditions[1].query, (std::vector<link::QueryPair>{{"v", "1"}}));
    EXPECT_EQ(told.conditions[2].values, std::vector<std::string>{"10.0.0.0/8"});
    EXPECT_EQ(told.action.status_code, 404);
}

TEST(Tags, AreOnEveryKindOfResource) {
    Ruled shop;
    const std::string rule = *shop.add(1, "/a").rule_arn;
    const std::string last = *shop.ok(describe_rules, {.listener_arn = shop.listener}).rules->back().rule_arn;
    for (const auto& arn : {shop.net, shop.blue, shop.listener, rule, last}) {
        shop.ok(add_tags, {.resource_arns = {arn}, .tags = {{"a", "1"}, {"b", "2"}}});
        shop.ok(remove_tags, {.resource_arns = {arn}, .tag_keys = {"a"}});
        const auto shown = *shop.ok(describe_tags, {.resource_arns = {arn}}).tag_descriptions;
        ASSERT_EQ(shown.size(), 1u);
        EXPECT_EQ(*shown[0].resource_arn, arn);
        ASSERT_EQ(shown[0].tags->size(), 1u) << arn;
        EXPECT_EQ(shown[0].tags->front().key, "b");
    }
    EXPECT_EQ(
        shop.refused(add_tags, {.resource_arns = {shop.net}, .tags = {{"a", "1"}, {"a", "2"}}}),
        "DuplicateTagKeys: Tag keys must be unique: 'a' is specified twice"
    );
    EXPECT_EQ(shop.refused(describe_tags, {.resource_arns = {"x"}}), "ValidationError: 'x' is not a valid ARN");
    std::vector<Tag> many;
    for (int i = 0; i < 51; ++i) many.push_back({std::to_string(i), ""});
    EXPECT_EQ(
        shop.refused(add_tags, {.resource_arns = {shop.net}, .tags = many}),
        "TooManyTags: The maximum number of tags on a resource is 50"
    );
}

}  // namespace
}  // namespace gantry::elbv2
