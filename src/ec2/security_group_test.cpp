// Security groups and their rules through their operations.
#include <gtest/gtest.h>

#include "dispatch/ec2_handlers.h"
#include "ec2/ec2_client_test.h"
#include "ec2/filter.h"
#include "ec2/limits.h"
#include "ec2/new_vpc.h"

namespace gantry::ec2 {
namespace {

using namespace shapes::ec2;
using testing::Client;

IpPermission tcp(int from, int to, const std::string& cidr) {
    return {
        .ip_protocol = "tcp", .from_port = from, .to_port = to, .ip_ranges = {{IpRange{.cidr_ip = cidr}}}
    };
}

IpPermission from_group(const std::string& group) {
    IpPermission permission{.ip_protocol = "-1"};
    permission.user_id_group_pairs = {UserIdGroupPair{.group_id = group}};
    return permission;
}

struct Grouped : Client {
    std::string group = make("web");

    std::string make(const std::string& name) {
        return *ok(create_security_group, {.description = "d", .group_name = name}).group_id;
    }
    Result<AuthorizeSecurityGroupIngressResponse> allow(std::vector<IpPermission> permissions) {
        return call(authorize_security_group_ingress, {.group_id = group, .ip_permissions = permissions});
    }
    std::string refusal(std::vector<IpPermission> permissions) {
        const auto result = allow(std::move(permissions));
        return result ? "accepted" : result.error().code + ": " + result.error().message;
    }
    shapes::ec2::SecurityGroup described() {
        return ok(describe_security_groups, {.group_ids = {{group}}}).security_groups->at(0);
    }
};

TEST(SecurityGroup, RefusesWhatEc2Refuses) {
    Grouped net;
    const std::string vpc = default_vpc(net.view(), net.caller.account, net.caller.region)->id;
    const auto refused = [&](const std::string& name, const std::string& description = "d") {
        return net.refused(create_security_group, {.description = description, .group_name = name});
    };
    EXPECT_EQ(
        refused("web"),
        "InvalidGroup.Duplicate: The security group 'web' already exists for VPC '" + vpc + "'"
    );
    EXPECT_EQ(
        refused("sg-x"),
        "InvalidParameterValue: Value (sg-x) for parameter GroupName is invalid. Group names may not be in "
        "the format "
        "sg-*."
    );
    EXPECT_EQ(refused("default").substr(0, 21), "InvalidGroup.Reserved");
    EXPECT_EQ(refused("x", "d\xc3\xbc").substr(0, 21), "InvalidParameterValue");
    const std::string standard =
        default_vpc(net.view(), net.caller.account, net.caller.region)->default_group;
    EXPECT_EQ(
        net.refused(delete_security_group, {.group_id = standard}),
        "CannotDelete: the specified group: \"" + standard +
            "\" name: \"default\" cannot be deleted by a user"
    );
    EXPECT_EQ(
        net.refused(delete_security_group, {.group_id = "sg-00000000000000000"}),
        "InvalidGroup.NotFound: The security group 'sg-00000000000000000' does not exist"
    );
    EXPECT_EQ(
        net.refused(describe_security_groups, {.group_ids = {{"web"}}}).substr(0, 24),
        "InvalidGroupId.Malformed"
    );
}

TEST(SecurityGroup, StartsWithAllEgressAndIsFoundByName) {
    Grouped net;
    const auto group = net.described();
    ASSERT_EQ(group.ip_permissions_egress->size(), 1u);
    EXPECT_EQ(group.ip_permissions_egress->at(0).ip_protocol, "-1");
    EXPECT_FALSE(group.ip_permissions_egress->at(0).from_port);
    EXPECT_TRUE(group.ip_permissions->empty());
    EXPECT_EQ(
        net.ok(describe_security_groups, {.group_names = {{"web"}}}).security_groups->at(0).group_id,
        net.group
    );
    EXPECT_EQ(
        net.ok(describe_security_groups, {.filters = {{Filter{"group-name", {{"w?b"}}}}}}
        ).security_groups->size(),
        1u
    );
}

TEST(Rules, AreRefusedAsEc2DoesIt) {
    struct Row {
        IpPermission permission;
        const char* refusal;
    };
    IpPermission empty{.ip_protocol = "tcp", .from_port = 1, .to_port = 1};
    IpPermission portless = tcp(1, 1, "10.0.0.0/8");
    portless.from_port.reset();
    for (const Row& row : std::vector<Row>{
             {tcp(80, 80, "10.0.0.0/33"), "InvalidParameterValue: CIDR block 10.0.0.0/33 is malformed"},
             {tcp(90, 80, "10.0.0.0/8"), "InvalidParameterValue: Invalid TCP/UDP port range (90:80)"},
             {tcp(0, 70'000, "10.0.0.0/8"), "InvalidParameterValue: Invalid value '70000' for portRange."},
             {portless,
              "InvalidParameterValue: Invalid value 'Must specify both from and to ports with TCP/UDP.' for "
              "portRange."},
             {{.ip_protocol = "tcpp", .ip_ranges = {{IpRange{.cidr_ip = "10.0.0.0/8"}}}},
              "InvalidParameterValue: Invalid value 'tcpp' for IP protocol. Unknown protocol."},
             {empty,
              "MissingParameter: The request must contain a CIDR block, a prefix list or a security group "
              "for each "
              "permission"},
             {from_group("sg-00000000000000000"),
              "InvalidGroup.NotFound: The security group 'sg-00000000000000000' does not exist"},
         }) {
        Grouped net;
        EXPECT_EQ(net.refusal({row.permission}), row.refusal);
    }
    Grouped net;
    EXPECT_EQ(net.refusal({}), "MissingParameter: The request must contain the parameter ipPermissions");
    EXPECT_EQ(
        net.refusal({tcp(80, 80, "0.0.0.0/0"), tcp(80, 80, "0.0.0.0/0")}),
        "InvalidParameterValue: The same permission must not appear multiple times"
    );
    ASSERT_TRUE(net.allow({tcp(80, 80, "0.0.0.0/0")}));
    EXPECT_EQ(
        net.refusal({tcp(80, 80, "1.2.3.4/0")}),
        "InvalidPermission.Duplicate: the specified rule \"peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, "
        "ALLOW\" "
        "already exists"
    );
}

TEST(Rules, AreLimitedEachWay) {
    Grouped net;
    for (std::size_t port = 1; port <= kRulesPerGroup; ++port) {
        ASSERT_TRUE(net.allow({tcp(static_cast<int>(port), static_cast<int>(port), "10.0.0.0/8")}));
    }
    EXPECT_EQ(
        net.refusal({tcp(1'000, 1'000, "10.0.0.0/8")}),
        "RulesPerSecurityGroupLimitExceeded: The maximum number of rules per security group has been reached."
    );
    net.ok(
        authorize_security_group_egress,
        {.group_id = net.group, .ip_permissions = {{tcp(1'000, 1'000, "10.0.0.0/8")}}}
    );
}

TEST(Rules, ProtocolsAreNormalised) {
    Grouped net;
    const auto allow = [&](const std::string& protocol) {
        IpPermission permission = tcp(53, 53, "10.0.0.0/8");
        permission.ip_protocol = protocol;
        const auto result = net.allow({permission});
        return result ? *result->security_group_rules->at(0).ip_protocol : result.error().code;
    };
    EXPECT_EQ(allow("UDP"), "udp");
    EXPECT_EQ(allow("17"), "InvalidPermission.Duplicate");
    EXPECT_EQ(allow("6"), "tcp");
    EXPECT_EQ(allow("all"), "-1");
    EXPECT_EQ(allow("50"), "50");
    EXPECT_EQ(allow("256"), "InvalidParameterValue");
}

TEST(Rules, OfOnePortRangeAreShownTogether) {
    Grouped net;
    const std::string other = net.make("other");
    IpPermission permission = tcp(80, 80, "10.0.0.0/8");
    permission.ip_ranges->push_back({.description = "office", .cidr_ip = "192.0.2.0/24"});
    permission.user_id_group_pairs = {UserIdGroupPair{.group_id = other}};
    permission.ipv6_ranges = {Ipv6Range{.cidr_ipv6 = "::/0"}};
    const auto made = net.allow({permission});
    ASSERT_TRUE(made);
    EXPECT_EQ(made->security_group_rules->size(), 4u);
    const auto shown = *net.described().ip_permissions;
    ASSERT_EQ(shown.size(), 1u);
    EXPECT_EQ(shown[0].ip_ranges->size(), 2u);
    EXPECT_EQ(shown[0].ip_ranges->at(1).description, "office");
    EXPECT_EQ(shown[0].user_id_group_pairs->at(0).group_id, other);
    EXPECT_EQ(shown[0].ipv6_ranges->at(0).cidr_ipv6, "::/0");
    EXPECT_EQ(
        net.refused(delete_security_group, {.group_id = other}),
        "DependencyViolation: resource " + other + " has a dependent object"
    );
}

TEST(Rules, AreRevokedByIdAndByPermission) {
    Grouped net;
    const auto made = net.allow({tcp(80, 80, "10.0.0.0/8"), tcp(81, 81, "10.0.0.0/8")});
    const std::string id = *made->security_group_rules->at(0).security_group_rule_id;
    EXPECT_EQ(
        net.refused(revoke_security_group_egress, {.security_group_rule_ids = {{id}}, .group_id = net.group}),
        "InvalidSecurityGroupRuleId.NotFound: The security group rule ID '" + id + "' does not exist"
    );
    const auto gone =
        net.ok(revoke_security_group_ingress, {.group_id = net.group, .security_group_rule_ids = {{id}}});
    EXPECT_EQ(gone.revoked_security_group_rules->at(0).from_port, 80);
    EXPECT_EQ(
        net.refused(
            revoke_security_group_ingress,
            {.group_id = net.group, .ip_permissions = {{tcp(80, 80, "10.0.0.0/8")}}}
        ),
        "InvalidPermission.NotFound: The specified rule does not exist in this security group."
    );
    net.ok(
        revoke_security_group_ingress,
        {.group_id = net.group, .ip_permissions = {{tcp(81, 81, "10.0.0.0/8")}}}
    );
    EXPECT_TRUE(net.described().ip_permissions->empty());
}

TEST(Rules, AreModifiedInPlace) {
    Grouped net;
    const auto made = net.allow({tcp(80, 80, "10.0.0.0/8"), tcp(81, 81, "10.0.0.0/8")});
    const std::string id = *made->security_group_rules->at(0).security_group_rule_id;
    SecurityGroupRuleRequest wanted{
        .ip_protocol = "tcp", .from_port = 81, .to_port = 81, .cidr_ipv4 = "10.0.0.0/8"
    };
    const auto modify = [&] {
        return net.call(
            modify_security_group_rules, {.group_id = net.group, .security_group_rules = {{id, wanted}}}
        );
    };
    EXPECT_EQ(modify().error().code, "InvalidPermission.Duplicate");
    wanted.to_port = 90;
    wanted.description = "more";
    ASSERT_TRUE(modify());
    const auto rule = net.ok(describe_security_group_rules, {.security_group_rule_ids = {{id}}}
    ).security_group_rules->at(0);
    EXPECT_EQ(rule.to_port, 90);
    EXPECT_EQ(rule.description, "more");
    wanted.cidr_ipv6 = "::/0";
    EXPECT_EQ(modify().error().code, "InvalidParameterCombination");
}

TEST(Rules, DescriptionsChangeByIdAndByPermission) {
    Grouped net;
    const auto made = net.allow({tcp(80, 80, "10.0.0.0/8")});
    const std::string id = *made->security_group_rules->at(0).security_group_rule_id;
    const auto description = [&] {
        return net.ok(describe_security_group_rules, {.security_group_rule_ids = {{id}}})
            .security_group_rules->at(0)
            .description.value_or("");
    };
    net.ok(
        update_security_group_rule_descriptions_ingress,
        {.group_id = net.group,
         .security_group_rule_descriptions = {{SecurityGroupRuleDescription{id, "one"}}}}
    );
    EXPECT_EQ(description(), "one");
    IpPermission permission = tcp(80, 80, "10.0.0.0/8");
    permission.ip_ranges->at(0).description = "two";
    net.ok(
        update_security_group_rule_descriptions_ingress,
        {.group_id = net.group, .ip_permissions = {{permission}}}
    );
    EXPECT_EQ(description(), "two");
}

TEST(Rules, OfOtherVpcsGroupsAreRefused) {
    Grouped net;
    const std::string vpc = *net.ok(create_vpc, {.cidr_block = "10.0.0.0/16"}).vpc->vpc_id;
    const std::string far =
        *net.ok(create_security_group, {.description = "d", .group_name = "far", .vpc_id = vpc}).group_id;
    EXPECT_EQ(
        net.refusal({from_group(far)}),
        "InvalidGroup.NotFound: You have specified two resources that belong to different networks."
    );
}

}  // namespace
}  // namespace gantry::ec2
