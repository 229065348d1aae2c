// Load balancers through their operations.
#include <gtest/gtest.h>

#include "dispatch/ec2_handlers.h"
#include "dispatch/elbv2_handlers.h"
#include "ec2/security_group.h"
#include "elbv2/elbv2_client_test.h"
#include "link/balancer_objects.h"

namespace gantry::elbv2 {
namespace {

using namespace shapes::elbv2;
using testing::Client;

shapes::elbv2::LoadBalancer make(Client& client, CreateLoadBalancerRequest request) {
    if (!request.subnets && !request.subnet_mappings) request.subnets = client.subnets;
    const auto made = client.ok(create_load_balancer, request).load_balancers;
    return made && !made->empty() ? made->front() : shapes::elbv2::LoadBalancer{};
}

std::map<std::string, std::string> attributes(Client& client, const std::string& arn) {
    std::map<std::string, std::string> all;
    const auto shown = client.ok(describe_load_balancer_attributes, {.load_balancer_arn = arn});
    for (const auto& one : *shown.attributes)
        all[*one.key] = *one.value;
    return all;
}

std::string group(Client& client, const std::string& name) {
    return *client
                .ok(ec2::create_security_group,
                    {.description = "d", .group_name = name, .vpc_id = client.vpc->id})
                .group_id;
}

TEST(LoadBalancer, ANetworkOneIsActiveAtOnceWithAnInterfaceInEachZone) {
    Client client;
    const auto made = make(client, {.name = "front", .type = "network"});
    const auto record = client.view().list<LoadBalancerRecord>().front();
    EXPECT_EQ(
        *made.load_balancer_arn, "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/net/front/" +
                                     record->id
    );
    EXPECT_EQ(*made.dns_name, "front-" + record->id + ".elb.ap-northeast-1.gantry.internal");
    EXPECT_EQ(*made.canonical_hosted_zone_id, "Z31USIVHYNEOWT");
    EXPECT_EQ(*made.state->code, "active");
    EXPECT_EQ(*made.scheme, "internet-facing");
    EXPECT_EQ(*made.vpc_id, client.vpc->id);
    EXPECT_FALSE(made.security_groups);
    ASSERT_EQ(made.availability_zones->size(), 3u);
    EXPECT_EQ(*made.availability_zones->front().zone_name, "ap-northeast-1a");
    EXPECT_TRUE(made.availability_zones->front().load_balancer_addresses->empty());

    const auto enis = client.view().find<ec2::EniByOwner>(record->key());
    ASSERT_EQ(enis.size(), 3u);
    for (const auto& eni : enis) {
        EXPECT_EQ(eni->description, "ELB net/front/" + record->id);
        EXPECT_EQ(eni->interface_type, "network_load_balancer");
        EXPECT_EQ(eni->attachment_owner, "amazon-aws");
        EXPECT_EQ(eni->worker, "w1");
        EXPECT_TRUE(eni->groups.empty());
    }
    const auto told = client.object<link::LoadBalancer>("w1", "load_balancer", record->id);
    EXPECT_TRUE(told.host_address.starts_with("127.64.")) << told.host_address;
    EXPECT_EQ(told.addresses.size(), 3u);
    EXPECT_FALSE(told.security_groups);
    EXPECT_EQ(told.attributes.at("load_balancing.cross_zone.enabled"), "false");
    make(client, {.name = "second", .type = "network"});
    EXPECT_EQ(client.view().list<LoadBalancerRecord>().size(), 2u);
    const auto second = client.view().find_one<LoadBalancerByName>("123456789012/ap-northeast-1/second");
    EXPECT_TRUE(second->host_address.starts_with("127.64.")) << second->host_address;
    EXPECT_NE(second->host_address, told.host_address);
    client.expect_converged();
}

TEST(LoadBalancer, AnApplicationOneHasGroupsAndAnInternalOneAnotherName) {
    Client client;
    const auto made = make(client, {.name = "web", .scheme = "internal"});
    EXPECT_EQ(*made.type, "application");
    EXPECT_EQ(*made.security_groups, std::vector{client.vpc->default_group});
    EXPECT_TRUE(made.load_balancer_arn->find("loadbalancer/app/web/") != std::string::npos);
    EXPECT_TRUE(made.dns_name->starts_with("internal-web-"));
    const auto eni = client.view().list<ec2::EniRecord>().front();
    EXPECT_TRUE(eni->description.starts_with("ELB app/web/"));
    EXPECT_EQ(eni->interface_type, "interface");
    EXPECT_EQ(eni->attachment_owner, "amazon-elb");
    EXPECT_EQ(eni->groups, std::vector{client.vpc->default_group});
    EXPECT_EQ(attributes(client, *made.load_balancer_arn).at("idle_timeout.timeout_seconds"), "60");
}

TEST(LoadBalancer, RefusesWhatAwsRefuses) {
    struct Row {
        CreateLoadBalancerRequest request;
        const char* refusal;
    };
    Client client;
    const std::vector<std::string> two = {client.subnets[0], client.subnets[1]};
    const std::string second =
        *client
             .ok(ec2::create_subnet,
                 {.availability_zone = "ap-northeast-1a", .cidr_block = "172.31.128.0/24", .vpc_id = client.vpc->id})
             .subnet->subnet_id;
    const std::string vpc = *client.ok(ec2::create_vpc, {.cidr_block = "10.0.0.0/16"}).vpc->vpc_id;
    const std::string closed =
        *client.ok(ec2::create_subnet, {.cidr_block = "10.0.0.0/24", .vpc_id = vpc}).subnet->subnet_id;
    const auto mapped = [&](SubnetMapping mapping) {
        mapping.subnet_id = client.subnets[0];
        return std::vector{mapping};
    };
    const Row table[] = {
        {{.name = "a_b", .subnets = two},
         "ValidationError: The load balancer name 'a_b' can only contain characters that are alphanumeric characters "
         "and hyphens(-)"},
        {{.name = "a-", .subnets = two},
         "ValidationError: The load balancer name 'a-' cannot begin or end with '-'"},
        {{.name = std::string(33, 'a'), .subnets = two},
         "ValidationError: The load balancer name 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' cannot be longer than '32' "
         "characters"},
        {{.name = "internal-a", .subnets = two},
         "ValidationError: The load balancer name 'internal-a' cannot begin with 'internal-'"},
        {{.name = "a"},
         "ValidationError: At least two subnets in two different Availability Zones must be specified"},
        {{.name = "a", .subnets = {{client.subnets[0]}}},
         "ValidationError: At least two subnets in two different Availability Zones must be specified"},
        {{.name = "a", .type = "network"}, "ValidationError: At least one subnet must be specified"},
        {{.name = "a", .subnets = {{"subnet-0"}}}, "SubnetNotFound: The subnet ID 'subnet-0' does not exist"},
        {{.name = "a", .subnets = {{client.subnets[0], second}}},
         "InvalidConfigurationRequest: A load balancer cannot be attached to multiple subnets in the same "
         "Availability Zone"},
        {{.name = "a", .subnets = two, .security_groups = {{"sg-0"}}},
         "InvalidConfigurationRequest: One or more security groups are invalid"},
        {{.name = "a", .subnet_mappings = mapped({.allocation_id = "eipalloc-1"}), .type = "network"},
         "AllocationIdNotFound: The allocation IDs 'eipalloc-1' do not exist"},
        {{.name = "a",
          .subnet_mappings = mapped({.private_i_pv4_address = "172.31.0.1"}),
          .scheme = "internal",
          .type = "network"},
         "InvalidConfigurationRequest: The private IPv4 address '172.31.0.1' is not valid for its subnet"},
        {{.name = "a", .subnets = two, .ip_address_type = "dualstack"},
         "InvalidSubnet: You must specify subnets with an associated IPv6 CIDR block"},
        {{.name = "a", .subnets = two, .type = "gateway"},
         "InvalidConfigurationRequest: Gantry does not support gateway load balancers yet"},
    };
    for (const auto& row : table) EXPECT_EQ(client.refused(create_load_balancer, row.request), row.refusal);
    EXPECT_EQ(
        client.refused(create_load_balancer, {.name = "a", .subnets = {{closed}}, .type = "network"}),
        "InvalidSubnet: VPC " + vpc + " has no internet gateway"
    );
    EXPECT_TRUE(client.view().list<LoadBalancerRecord>().empty());
    EXPECT_TRUE(client.view().list<ec2::EniRecord>().empty());
}

TEST(LoadBalancer, IsCreatedOnceForEqualSettings) {
    Client client;
    const auto first = make(client, {.name = "front", .type = "network"});
    EXPECT_EQ(*make(client, {.name = "front", .type = "network"}).load_balancer_arn, *first.load_balancer_arn);
    EXPECT_EQ(
        client.refused(create_load_balancer, {.name = "front", .subnets = client.subnets, .type = "application"}),
        "DuplicateLoadBalancerName: A load balancer with the same name 'front' exists, but with different settings"
    );
}

TEST(LoadBalancer, IsFoundByNameAndArn) {
    Client client;
    EXPECT_EQ(
        client.refused(describe_load_balancers, {.names = {{"front"}}}),
        "LoadBalancerNotFound: Load balancers '[front]' not found"
    );
    const std::string arn = *make(client, {.name = "front", .type = "network"}).load_balancer_arn;
    make(client, {.name = "second", .type = "network"});
    EXPECT_EQ(client.ok(describe_load_balancers, {.names = {{"front"}}}).load_balancers->size(), 1u);
    EXPECT_EQ(client.ok(describe_load_balancers, {.load_balancer_arns = {{arn}}}).load_balancers->size(), 1u);
    EXPECT_EQ(
        client.refused(describe_load_balancers, {.load_balancer_arns = {{"front"}}}),
        "ValidationError: 'front' is not a valid load balancer ARN"
    );
    EXPECT_EQ(
        client.refused(describe_load_balancer_attributes, {.load_balancer_arn = arn + "0"}),
        "LoadBalancerNotFound: Load balancer '" + arn + "0' not found"
    );
    const auto page = client.ok(describe_load_balancers, {.page_size = 1});
    EXPECT_EQ(page.load_balancers->size(), 1u);
    const auto rest = client.ok(describe_load_balancers, {.marker = page.next_marker, .page_size = 1});
    EXPECT_EQ(rest.load_balancers->size(), 1u);
    EXPECT_NE(rest.load_balancers->front().load_balancer_arn, page.load_balancers->front().load_balancer_arn);
    EXPECT_FALSE(rest.next_marker);
    EXPECT_EQ(client.ok(describe_load_balancers, {}).load_balancers->size(), 2u);
}

TEST(LoadBalancer, GoesWithItsInterfacesUnlessProtected) {
    Client client;
    const std::string arn = *make(client, {.name = "front", .type = "network"}).load_balancer_arn;
    EXPECT_EQ(
        client.refused(ec2::delete_subnet, {.subnet_id = client.subnets[0]}).substr(0, 20), "DependencyViolation:"
    );
    const auto protect = [&](const char* value) {
        client.ok(
            modify_load_balancer_attributes,
            {.load_balancer_arn = arn,
             .attributes = {LoadBalancerAttribute{.key = "deletion_protection.enabled", .value = value}}}
        );
    };
    protect("true");
    EXPECT_EQ(
        client.refused(delete_load_balancer, {.load_balancer_arn = arn}),
        "OperationNotPermitted: Load balancer '" + arn + "' cannot be deleted because deletion protection is enabled"
    );
    protect("false");
    client.ok(delete_load_balancer, {.load_balancer_arn = arn});
    EXPECT_TRUE(client.view().list<ec2::EniRecord>().empty());
    EXPECT_TRUE(client.held["w1"].empty());
    client.ok(delete_load_balancer, {.load_balancer_arn = arn});
    client.expect_converged();
}

TEST(LoadBalancer, MovesToOtherSubnetsAndKeepsTheInterfacesThatStay) {
    Client client;
    const std::vector<std::string> two = {client.subnets[0], client.subnets[1]};
    const std::string arn = *make(client, {.name = "web", .subnets = two}).load_balancer_arn;
    const auto before = client.view().list<LoadBalancerRecord>().front()->zones;
    const auto moved = client.ok(
        set_subnets, {.load_balancer_arn = arn, .subnets = {{client.subnets[1], client.subnets[2]}}}
    );
    EXPECT_EQ(moved.availability_zones->size(), 2u);
    const auto after = client.view().list<LoadBalancerRecord>().front()->zones;
    EXPECT_EQ(after[0].eni, before[1].eni);
    EXPECT_EQ(after[1].subnet, client.subnets[2]);
    EXPECT_EQ(client.view().list<ec2::EniRecord>().size(), 2u);
    const auto enis = client.view().find<ec2::EniByOwner>(client.view().list<LoadBalancerRecord>().front()->key());
    EXPECT_EQ(enis.size(), 2u);
    for (const auto& eni : enis) EXPECT_TRUE(eni->id == after[0].eni || eni->id == after[1].eni) << eni->subnet;
    EXPECT_EQ(
        client.refused(set_subnets, {.load_balancer_arn = arn, .subnets = {{client.subnets[0]}}}),
        "ValidationError: At least two subnets in two different Availability Zones must be specified"
    );
    client.expect_converged();
}

TEST(LoadBalancer, ItsGroupsAreItsInterfaces) {
    Client client;
    const std::string one = group(client, "one");
    const std::string two = group(client, "two");
    const auto made = make(client, {.name = "front", .security_groups = {{one}}, .type = "network"});
    EXPECT_EQ(*made.enforce_security_group_inbound_rules_on_private_link_traffic, "on");
    const auto set = client.ok(
        set_security_groups, {.load_balancer_arn = *made.load_balancer_arn, .security_groups = {two}}
    );
    EXPECT_EQ(*set.security_group_ids, std::vector{two});
    for (const auto& eni : client.view().list<ec2::EniRecord>()) EXPECT_EQ(eni->groups, std::vector{two});
    client.ok(ec2::delete_security_group, {.group_id = one});
    EXPECT_EQ(client.refused(ec2::delete_security_group, {.group_id = two}).substr(0, 20), "DependencyViolation:");
    const auto open = make(client, {.name = "open", .type = "network"});
    EXPECT_EQ(
        client.refused(
            set_security_groups, {.load_balancer_arn = *open.load_balancer_arn, .security_groups = {two}}
        ),
        "InvalidConfigurationRequest: Security groups cannot be set on a network load balancer that was created "
        "without security groups"
    );
}

TEST(LoadBalancer, AChosenAddressIsShownAndTaken) {
    Client client;
    const auto subnet = client.view().get<ec2::SubnetRecord>("123456789012/ap-northeast-1/" + client.subnets[0]);
    const std::string address = ec2::format(ec2::Ipv4{subnet->block().first().bits + 20});
    const std::vector<SubnetMapping> mapping = {
        {.subnet_id = client.subnets[0], .private_i_pv4_address = address}
    };
    const auto made =
        make(client, {.name = "a", .subnet_mappings = mapping, .scheme = "internal", .type = "network"});
    EXPECT_EQ(
        *made.availability_zones->front().load_balancer_addresses->front().private_i_pv4_address, address
    );
    EXPECT_EQ(
        client.refused(
            create_load_balancer,
            {.name = "b", .subnet_mappings = mapping, .scheme = "internal", .type = "network"}
        ),
        "InvalidConfigurationRequest: The private IPv4 address '" + address + "' is in use"
    );
}

TEST(LoadBalancer, AttributesHaveAwsDefaultsAndAreChecked) {
    Client client;
    const std::string net = *make(client, {.name = "net", .type = "network"}).load_balancer_arn;
    const std::string app = *make(client, {.name = "app"}).load_balancer_arn;
    const std::map<std::string, std::string> of_net = {
        {"access_logs.s3.bucket", ""},
        {"access_logs.s3.enabled", "false"},
        {"access_logs.s3.prefix", ""},
        {"deletion_protection.enabled", "false"},
        {"dns_record.client_routing_policy", "any_availability_zone"},
        {"ipv6.deny_all_igw_traffic", "false"},
        {"load_balancing.cross_zone.enabled", "false"},
        {"secondary_ips.auto_assigned.per_subnet", "0"},
        {"zonal_shift.config.enabled", "false"},
    };
    EXPECT_EQ(attributes(client, net), of_net);
    const auto of_app = attributes(client, app);
    EXPECT_EQ(of_app.at("client_keep_alive.seconds"), "3600");
    EXPECT_EQ(of_app.at("routing.http2.enabled"), "true");
    EXPECT_EQ(of_app.at("routing.http.desync_mitigation_mode"), "defensive");
    EXPECT_EQ(of_app.at("routing.http.xff_header_processing.mode"), "append");
    EXPECT_EQ(of_app.at("load_balancing.cross_zone.enabled"), "true");
    const auto modify = [&](const std::string& arn, const char* key, const char* value) {
        const auto done = client.call(
            modify_load_balancer_attributes,
            {.load_balancer_arn = arn, .attributes = {LoadBalancerAttribute{.key = key, .value = value}}}
        );
        return done ? "" : done.error().code + ": " + done.error().message;
    };
    EXPECT_EQ(modify(net, "load_balancing.cross_zone.enabled", "true"), "");
    EXPECT_EQ(attributes(client, net).at("load_balancing.cross_zone.enabled"), "true");
    EXPECT_EQ(
        modify(net, "idle_timeout.timeout_seconds", "60"),
        "ValidationError: Load balancer attribute key 'idle_timeout.timeout_seconds' is not recognized"
    );
    EXPECT_EQ(
        modify(app, "idle_timeout.timeout_seconds", "0"),
        "ValidationError: The value '0' of attribute 'idle_timeout.timeout_seconds' must be a number between 1 and "
        "4000"
    );
    EXPECT_EQ(
        modify(app, "access_logs.s3.enabled", "true"),
        "InvalidConfigurationRequest: Gantry does not support access_logs of load balancers yet"
    );
    client.expect_converged();
}

TEST(LoadBalancer, WhatClientsAskBesides) {
    Client client;
    const std::string arn = *make(client, {.name = "net", .type = "network"}).load_balancer_arn;
    EXPECT_TRUE(
        client.ok(describe_capacity_reservation, {.load_balancer_arn = arn}).capacity_reservation_state->empty()
    );
    EXPECT_EQ(
        *client.ok(set_ip_address_type, {.load_balancer_arn = arn, .ip_address_type = "ipv4"}).ip_address_type, "ipv4"
    );
    const auto limits = *client.ok(describe_account_limits, {}).limits;
    EXPECT_EQ(*limits.front().name, "application-load-balancers");
    EXPECT_EQ(*limits.front().max, "50");
    const auto policies = client.ok(describe_ssl_policies, {.names = {{"ELBSecurityPolicy-TLS13-1-3-2021-06"}}});
    EXPECT_EQ(*policies.ssl_policies->front().ssl_protocols, std::vector<std::string>{"TLSv1.3"});
    EXPECT_EQ(policies.ssl_policies->front().ciphers->size(), 3u);
    EXPECT_EQ(
        client.refused(describe_ssl_policies, {.names = {{"x"}}}), "SSLPolicyNotFound: SSL policy 'x' not found"
    );
    EXPECT_GT(client.ok(describe_ssl_policies, {}).ssl_policies->size(), 10u);
}

}  // namespace
}  // namespace gantry::elbv2
