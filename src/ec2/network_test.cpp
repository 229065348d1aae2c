// VPCs, subnets, gateways and routes through their operations.
#include <gtest/gtest.h>

#include "dispatch/ec2_handlers.h"
#include "ec2/ec2_client_test.h"
#include "ec2/filter.h"
#include "ec2/new_vpc.h"
#include "ec2/task_eni.h"

namespace gantry::ec2 {
namespace {

using namespace shapes::ec2;
using testing::Client;

std::string make_vpc(Client& client, const std::string& cidr = "10.0.0.0/16") {
    return *client.ok(create_vpc, {.cidr_block = cidr}).vpc->vpc_id;
}

std::string make_subnet(Client& client, const std::string& vpc, const std::string& cidr) {
    return *client.ok(create_subnet, {.cidr_block = cidr, .vpc_id = vpc}).subnet->subnet_id;
}

std::string refused_vpc(const char* cidr) {
    Client client;
    return client.refused(create_vpc, {.cidr_block = cidr});
}

TEST(Vpc, RefusesWhatEc2Refuses) {
    EXPECT_EQ(refused_vpc("10.0.0.0/8"), "InvalidVpc.Range: The CIDR '10.0.0.0/8' is invalid.");
    EXPECT_EQ(refused_vpc("10.0.0.0/29"), "InvalidVpc.Range: The CIDR '10.0.0.0/29' is invalid.");
    EXPECT_EQ(
        refused_vpc("ten"),
        "InvalidParameterValue: Value (ten) for parameter cidrBlock is invalid. This is not a valid CIDR "
        "block."
    );
    Client client;
    EXPECT_EQ(
        client.refused(describe_vpcs, {.vpc_ids = {{"vpc-0123456789abcdef0"}}}),
        "InvalidVpcID.NotFound: The vpc ID 'vpc-0123456789abcdef0' does not exist"
    );
    EXPECT_EQ(
        client.refused(create_vpc, {.cidr_block = "10.0.0.0/16", .dry_run = true}),
        "DryRunOperation: Request would have succeeded, but DryRun flag is set."
    );
    EXPECT_EQ(client.ok(describe_vpcs, {}).vpcs->size(), 1u);
    EXPECT_EQ(client.refused(create_default_vpc, {}).substr(0, 24), "DefaultVpcAlreadyExists:");
}

TEST(Vpc, CutsItsBlockToTheNetwork) {
    Client client;
    EXPECT_EQ(client.ok(create_vpc, {.cidr_block = "100.68.0.18/18"}).vpc->cidr_block, "100.68.0.0/18");
}

TEST(Vpc, GoesOnlyWhenNothingIsLeftInIt) {
    Client client;
    const std::string vpc = make_vpc(client);
    const std::string subnet = make_subnet(client, vpc, "10.0.0.0/24");
    const std::string violation =
        "DependencyViolation: The vpc '" + vpc + "' has dependencies and cannot be deleted.";
    EXPECT_EQ(client.refused(delete_vpc, {.vpc_id = vpc}), violation);
    client.ok(delete_subnet, {.subnet_id = subnet});
    const std::string group =
        *client.ok(create_security_group, {.description = "d", .group_name = "g", .vpc_id = vpc}).group_id;
    EXPECT_EQ(client.refused(delete_vpc, {.vpc_id = vpc}), violation);
    client.ok(delete_security_group, {.group_id = group});
    const auto before = client.view().list<SecurityGroupRecord>().size();
    client.ok(delete_vpc, {.vpc_id = vpc});
    EXPECT_EQ(client.view().list<SecurityGroupRecord>().size(), before - 1);
    EXPECT_EQ(client.view().list<NetworkAclRecord>().size(), 1u);
    EXPECT_EQ(client.view().list<RouteTableRecord>().size(), 1u);
}

TEST(Vpc, AttributesAreSetOneByOne) {
    Client client;
    const std::string vpc = make_vpc(client);
    client.ok(modify_vpc_attribute, {.enable_dns_hostnames = AttributeBooleanValue{true}, .vpc_id = vpc});
    EXPECT_EQ(
        client.ok(describe_vpc_attribute, {.attribute = "enableDnsHostnames", .vpc_id = vpc})
            .enable_dns_hostnames->value,
        true
    );
    EXPECT_EQ(
        client.ok(describe_vpc_attribute, {.attribute = "enableDnsSupport", .vpc_id = vpc})
            .enable_dns_support->value,
        true
    );
    EXPECT_EQ(
        client
            .refused(
                modify_vpc_attribute, {.enable_dns_hostnames = AttributeBooleanValue{true},
                                       .enable_dns_support = AttributeBooleanValue{true},
                                       .vpc_id = vpc}
            )
            .substr(0, 27),
        "InvalidParameterCombination"
    );
}

TEST(Subnet, RefusesWhatEc2Refuses) {
    Client client;
    const std::string vpc = make_vpc(client);
    make_subnet(client, vpc, "10.0.0.0/24");
    const auto refuse_block = [&](const std::string& cidr) {
        return client.refused(create_subnet, {.cidr_block = cidr, .vpc_id = vpc});
    };
    EXPECT_EQ(
        refuse_block("10.0.0.128/25"),
        "InvalidSubnet.Conflict: The CIDR '10.0.0.128/25' conflicts with another subnet"
    );
    EXPECT_EQ(refuse_block("10.1.0.0/24"), "InvalidSubnet.Range: The CIDR '10.1.0.0/24' is invalid.");
    EXPECT_EQ(refuse_block("10.0.1.0/29"), "InvalidSubnet.Range: The CIDR '10.0.1.0/29' is invalid.");
    EXPECT_EQ(
        client.refused(
            create_subnet,
            {.availability_zone = "ap-northeast-1b", .cidr_block = "10.0.1.0/24", .vpc_id = vpc}
        ),
        "InvalidParameterValue: Value (ap-northeast-1b) for parameter availabilityZone is invalid. Subnets "
        "can "
        "currently only be created in the following availability zones: ap-northeast-1a, ap-northeast-1c, "
        "ap-northeast-1d."
    );
    EXPECT_EQ(
        client.refused(describe_subnets, {.subnet_ids = {{"subnet-00000000000000000"}}}),
        "InvalidSubnetID.NotFound: The subnet ID 'subnet-00000000000000000' does not exist"
    );
}

TEST(Subnet, CountsItsFreeAddressesAndStaysWhileUsed) {
    Client client;
    const auto vpc = default_vpc(client.view(), client.caller.account, client.caller.region);
    const auto subnet = client.view().find_one<SubnetsByVpc>(vpc->key());
    const auto free = [&] {
        return client.ok(describe_subnets, {.subnet_ids = {{subnet->id}}})
            .subnets->at(0)
            .available_ip_address_count;
    };
    EXPECT_EQ(free(), 4091);
    EniAllocator enis(client.view());
    TaskEniRequest request;
    request.account = client.caller.account;
    request.region = client.caller.region;
    request.subnets = {subnet->id};
    request.groups = {vpc->default_group};
    const auto eni = enis.make(request, client.turn);
    client.write([&](state::Txn& txn) { enis.write(txn); });
    EXPECT_EQ(free(), 4090);
    EXPECT_EQ(
        client.refused(delete_subnet, {.subnet_id = subnet->id}),
        "DependencyViolation: The subnet '" + subnet->id + "' has dependencies and cannot be deleted."
    );
    EniAllocator release(client.view());
    release.release(eni->key());
    client.write([&](state::Txn& txn) { release.write(txn); });
    EXPECT_EQ(free(), 4091);
    client.ok(delete_subnet, {.subnet_id = subnet->id});
}

TEST(InternetGateway, AttachesToOneVpc) {
    Client client;
    const std::string vpc = make_vpc(client);
    const auto make = [&] {
        return *client.ok(create_internet_gateway, {}).internet_gateway->internet_gateway_id;
    };
    const std::string gateway = make();
    const std::string other = make();
    EXPECT_EQ(
        client.refused(detach_internet_gateway, {.internet_gateway_id = gateway, .vpc_id = vpc}),
        "Gateway.NotAttached: resource " + gateway + " is not attached to network " + vpc
    );
    client.ok(attach_internet_gateway, {.internet_gateway_id = gateway, .vpc_id = vpc});
    EXPECT_EQ(
        client.refused(attach_internet_gateway, {.internet_gateway_id = gateway, .vpc_id = vpc}),
        "Resource.AlreadyAssociated: resource " + gateway + " is already attached to network " + vpc
    );
    EXPECT_EQ(
        client.refused(attach_internet_gateway, {.internet_gateway_id = other, .vpc_id = vpc}),
        "InvalidParameterValue: Network " + vpc + " already has an internet gateway attached"
    );
    EXPECT_EQ(
        client.refused(delete_internet_gateway, {.internet_gateway_id = gateway}),
        "DependencyViolation: The internetGateway '" + gateway + "' has dependencies and cannot be deleted."
    );
    client.ok(detach_internet_gateway, {.internet_gateway_id = gateway, .vpc_id = vpc});
    client.ok(delete_internet_gateway, {.internet_gateway_id = gateway});
}

struct Routed : Client {
    std::string vpc = make_vpc(*this);
    std::string gateway = *ok(create_internet_gateway, {}).internet_gateway->internet_gateway_id;
    std::string table = *ok(create_route_table, {.vpc_id = vpc}).route_table->route_table_id;

    Routed() { ok(attach_internet_gateway, {.internet_gateway_id = gateway, .vpc_id = vpc}); }
    std::vector<shapes::ec2::Route> routes() {
        return *ok(describe_route_tables, {.route_table_ids = {{table}}}).route_tables->at(0).routes;
    }
};

TEST(Route, IsMadeReplacedAndDeleted) {
    Routed net;
    const std::string any = "0.0.0.0/0";
    net.ok(
        create_route, {.route_table_id = net.table, .destination_cidr_block = any, .gateway_id = net.gateway}
    );
    EXPECT_EQ(net.routes().at(1).state, "active");
    EXPECT_EQ(
        net.refused(
            create_route,
            {.route_table_id = net.table, .destination_cidr_block = "10.0.1.0/24", .gateway_id = net.gateway}
        ),
        "InvalidParameterValue: The destination CIDR block 10.0.1.0/24 is equal to or more specific than one "
        "of "
        "this VPC's CIDR blocks. This route can target only an interface or an instance."
    );
    EXPECT_EQ(
        net.refused(
            create_route,
            {.route_table_id = net.table, .destination_cidr_block = any, .nat_gateway_id = "nat-0a"}
        ),
        "InvalidNatGatewayID.NotFound: NatGateway nat-0a was not found"
    );
    EXPECT_EQ(
        net.refused(delete_route, {.route_table_id = net.table, .destination_cidr_block = "10.0.0.0/16"}),
        "InvalidParameterValue: cannot remove local route 10.0.0.0/16 in route table " + net.table
    );
    EXPECT_EQ(
        net.refused(
            replace_route,
            {.route_table_id = net.table, .destination_cidr_block = "1.0.0.0/8", .gateway_id = net.gateway}
        ),
        "InvalidRoute.NotFound: no route with destination-cidr-block 1.0.0.0/8 in route table " + net.table
    );
    net.ok(detach_internet_gateway, {.internet_gateway_id = net.gateway, .vpc_id = net.vpc});
    EXPECT_EQ(net.routes().at(1).state, "blackhole");
    net.ok(delete_route, {.route_table_id = net.table, .destination_cidr_block = any});
    EXPECT_EQ(net.routes().size(), 1u);
}

TEST(RouteTable, SameTokenSameTable) {
    Client client;
    const std::string vpc = make_vpc(client);
    const auto make = [&] {
        return *client.ok(create_route_table, {.client_token = "t", .vpc_id = vpc})
                    .route_table->route_table_id;
    };
    EXPECT_EQ(make(), make());
}

TEST(RouteTable, AssociationsAreReplacedAndTheMainOneMoves) {
    Routed net;
    const std::string subnet = make_subnet(net, net.vpc, "10.0.0.0/24");
    const std::string first =
        *net.ok(associate_route_table, {.subnet_id = subnet, .route_table_id = net.table}).association_id;
    const std::string other = *net.ok(create_route_table, {.vpc_id = net.vpc}).route_table->route_table_id;
    EXPECT_EQ(
        net.refused(associate_route_table, {.subnet_id = subnet, .route_table_id = other}),
        "Resource.AlreadyAssociated: the specified association for route table " + other +
            " conflicts with an existing association"
    );
    const std::string second =
        *net.ok(replace_route_table_association, {.association_id = first, .route_table_id = other})
             .new_association_id;
    EXPECT_NE(first, second);
    EXPECT_EQ(
        net.refused(delete_route_table, {.route_table_id = other}),
        "DependencyViolation: The routeTable '" + other + "' has dependencies and cannot be deleted."
    );
    EXPECT_EQ(
        net.refused(disassociate_route_table, {.association_id = first}),
        "InvalidAssociationID.NotFound: The association ID '" + first + "' does not exist"
    );
    const auto main = net.ok(
        describe_route_tables,
        {.filters = {{Filter{"association.main", {{"true"}}}, Filter{"vpc-id", {{net.vpc}}}}}}
    );
    ASSERT_EQ(main.route_tables->size(), 1u);
    const std::string main_association =
        *main.route_tables->at(0).associations->at(0).route_table_association_id;
    EXPECT_EQ(
        net.refused(disassociate_route_table, {.association_id = main_association}),
        "InvalidParameterValue: cannot disassociate the main route table association " + main_association
    );
    net.ok(
        replace_route_table_association, {.association_id = main_association, .route_table_id = net.table}
    );
    EXPECT_EQ(
        net.view().get<VpcRecord>(key_of(net.caller.account, net.caller.region, net.vpc))->main_route_table,
        net.table
    );
    net.ok(delete_route_table, {.route_table_id = *main.route_tables->at(0).route_table_id});
}

TEST(Zones, TokyoHasThreeZonesWithTheirIds) {
    Client client;
    const auto zones =
        *client.ok(describe_availability_zones, {.filters = {{Filter{"state", {{"available"}}}}}}
        ).availability_zones;
    ASSERT_EQ(zones.size(), 3u);
    EXPECT_EQ(zones[0].zone_name, "ap-northeast-1a");
    EXPECT_EQ(zones[0].zone_id, "apne1-az4");
    EXPECT_EQ(zones[1].zone_id, "apne1-az1");
    EXPECT_EQ(
        client.refused(describe_availability_zones, {.zone_names = {{"ap-northeast-1b"}}}),
        "InvalidParameterValue: Invalid availability zone: [ap-northeast-1b]"
    );
    EXPECT_GT(client.ok(describe_regions, {}).regions->size(), 20u);
    EXPECT_EQ(
        client.ok(describe_regions, {.region_names = {{"eu-west-1"}}}).regions->at(0).endpoint,
        "ec2.eu-west-1.amazonaws.com"
    );
}

TEST(Tags, AreMadeDescribedAndDeletedOnEveryKind) {
    Client client;
    const std::string vpc = make_vpc(client);
    const std::string subnet = make_subnet(client, vpc, "10.0.0.0/24");
    const std::string rule =
        client.view()
            .find_one<SecurityGroupsByVpc>(key_of(client.caller.account, client.caller.region, vpc))
            ->rules.at(0)
            .id;
    client.ok(
        create_tags, {.resources = {vpc, subnet, rule}, .tags = {Tag{"Name", "x"}, Tag{"stage", "prod"}}}
    );
    EXPECT_EQ(client.ok(describe_tags, {}).tags->size(), 6u);
    const auto found =
        *client
             .ok(describe_tags,
                 {.filters = {{Filter{"resource-type", {{"subnet"}}}, Filter{"tag:Name", {{"x"}}}}}})
             .tags;
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].resource_id, subnet);
    client.ok(delete_tags, {.resources = {vpc}, .tags = {{Tag{"Name", "other"}, Tag{"stage", {}}}}});
    EXPECT_EQ(client.ok(describe_vpcs, {.vpc_ids = {{vpc}}}).vpcs->at(0).tags->size(), 1u);
    EXPECT_EQ(
        client.refused(create_tags, {.resources = {"i-thing"}, .tags = {Tag{"a", "b"}}}),
        "InvalidID: The ID 'i-thing' is not valid"
    );
    EXPECT_EQ(
        client.refused(create_tags, {.resources = {vpc}, .tags = {Tag{"aws:x", "b"}}}),
        "InvalidParameterValue: Tag keys starting with 'aws:' are reserved for internal use"
    );
}

TEST(Describe, UnknownFiltersAreRefusedEvenWhenNothingIsThere) {
    Client client;
    const Filters wrong = {{Filter{"nonsense", {{"x"}}}}};
    const std::string refusal = "InvalidParameterValue: The filter 'nonsense' is invalid";
    EXPECT_EQ(client.refused(describe_vpcs, {.filters = wrong}), refusal);
    EXPECT_EQ(client.refused(describe_subnets, {.filters = wrong}), refusal);
    EXPECT_EQ(client.refused(describe_internet_gateways, {.filters = wrong}), refusal);
    EXPECT_EQ(client.refused(describe_route_tables, {.filters = wrong}), refusal);
    EXPECT_EQ(client.refused(describe_network_acls, {.filters = wrong}), refusal);
    EXPECT_EQ(client.refused(describe_network_interfaces, {.filters = wrong}), refusal);
    EXPECT_EQ(client.refused(describe_security_groups, {.filters = wrong}), refusal);
    EXPECT_EQ(client.refused(describe_security_group_rules, {.filters = wrong}), refusal);
    EXPECT_EQ(client.refused(describe_tags, {.filters = wrong}), refusal);
    EXPECT_EQ(client.refused(describe_availability_zones, {.filters = wrong}), refusal);
    EXPECT_EQ(client.refused(describe_prefix_lists, {.filters = wrong}), refusal);
}

TEST(Describe, FiltersOfWhatGantryNeverHasAreKnown) {
    Client client;
    for (const char* name :
         {"customer-owned-ipv4-pool", "enable-lni-at-device-index",
          "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record"})
        EXPECT_TRUE(client.ok(describe_subnets, {.filters = {{Filter{name, {{"x"}}}}}}).subnets->empty()) << name;
    client.ok(describe_network_interfaces, {.filters = {{Filter{"operator.principal", {{"x"}}}}}});
    client.ok(describe_availability_zones, {.filters = {{Filter{"group-long-name", {{"x"}}}}}});
}

// Every filter that a resource knows must bear a record without content.
TEST(Describe, FiltersBearEmptyRecords) {
    Client client;
    for (const char* name :
         {"private-dns-name", "association.public-dns-name", "available-ip-address-count", "subnet-arn",
          "attachment.status", "group-name", "route.state", "association.subnet-id", "ip-permission.cidr"}) {
        const Filters filters = {{Filter{name, {{"x"}}}}};
        client.call(describe_network_interfaces, {.filters = filters});
        client.call(describe_subnets, {.filters = filters});
        client.call(describe_route_tables, {.filters = filters});
        client.call(describe_network_acls, {.filters = filters});
        client.call(describe_security_groups, {.filters = filters});
        client.call(describe_internet_gateways, {.filters = filters});
    }
}

}  // namespace
}  // namespace gantry::ec2
