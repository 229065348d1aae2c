#include "ec2/worker_network.h"

#include <gtest/gtest.h>

#include <set>

#include "dispatch/ec2_handlers.h"
#include "ec2/ec2_client_test.h"
#include "ec2/new_vpc.h"
#include "ec2/task_eni.h"

namespace gantry::ec2 {
namespace {

using namespace shapes::ec2;
using testing::Client;

struct Net : Client {
    state::Pinned<VpcRecord> vpc = default_vpc(view(), caller.account, caller.region);
    std::string key(const std::string& id) const { return key_of(caller.account, caller.region, id); }

    EniRecord eni(const std::string& group, bool open = false) {
        EniAllocator enis(view());
        TaskEniRequest request;
        request.account = caller.account;
        request.region = caller.region;
        request.subnets = {view().find_one<SubnetsByVpc>(vpc->key())->id};
        request.groups = {group};
        request.public_address = open;
        const auto made = enis.make(request, turn);
        write([&](state::Txn& txn) { enis.write(txn); });
        return *made;
    }
    std::string group(const std::string& name) {
        return *ok(create_security_group, {.description = "d", .group_name = name}).group_id;
    }
    void let_in(const std::string& group, const std::string& from) {
        IpPermission permission{.ip_protocol = "tcp", .from_port = 80, .to_port = 80};
        permission.user_id_group_pairs = {UserIdGroupPair{.group_id = from}};
        ok(authorize_security_group_ingress, {.group_id = group, .ip_permissions = {{permission}}});
    }
    // The interfaces affected by what fn does.
    template <class Fn>
    std::set<std::string> affected(Fn fn) {
        state::Txn txn(database, turn);
        fn(txn);
        std::set<std::string> keys;
        for (const auto& change : txn.finish())
            affected_enis(view(), change, [&](const std::string& key) { keys.insert(key); });
        return keys;
    }
};

TEST(WorkerNetwork, HasTheMembersOfGroupsThatRulesReferTo) {
    Net net;
    const std::string server = net.group("server");
    const std::string client = net.group("client");
    net.let_in(server, client);
    const EniRecord a = net.eni(server);
    const EniRecord b = net.eni(client);
    const auto network = worker_network(net.view(), {a.key(), "gone"});
    EXPECT_EQ(network.vpcs.at(net.vpc->id).cidrs, (std::vector<std::string>{"172.31.0.0/16"}));
    EXPECT_EQ(network.enis.size(), 2u);
    EXPECT_EQ(network.enis.at(b.id).address, b.address);
    ASSERT_EQ(network.groups.size(), 1u);
    const auto& rules = network.groups.at(server);
    EXPECT_EQ(rules.ingress.at(0).group, client);
    EXPECT_EQ(rules.ingress.at(0).from_port, 80);
    EXPECT_EQ(rules.egress.at(0), (link::GroupRule{"-1", {}, {}, "0.0.0.0/0", ""}));
    EXPECT_EQ(worker_network(net.view(), {b.key()}).enis.size(), 1u);
}

TEST(WorkerNetwork, AChangeReachesThoseWhomItConcerns) {
    Net net;
    const std::string server = net.group("server");
    const std::string client = net.group("client");
    const EniRecord a = net.eni(server);
    const EniRecord b = net.eni(client);
    const auto let_in = [&](state::Txn& txn) {
        IpPermission permission{.ip_protocol = "-1"};
        permission.user_id_group_pairs = {UserIdGroupPair{.group_id = client}};
        authorize_security_group_ingress(
            txn, {.group_id = server, .ip_permissions = {{permission}}}, net.caller
        );
    };
    EXPECT_EQ(net.affected(let_in), (std::set{a.key()}));
    EniAllocator release(net.view());
    release.release(b.key());
    EXPECT_EQ(net.affected([&](state::Txn& txn) { release.write(txn); }), (std::set{a.key(), b.key()}));
}

TEST(WorkerNetwork, OutsideNeedsAPublicAddressAndARoute) {
    Net net;
    const EniRecord open = net.eni(net.vpc->default_group, true);
    const EniRecord closed = net.eni(net.vpc->default_group, false);
    EXPECT_TRUE(eni_object(net.view(), open).outside);
    EXPECT_FALSE(eni_object(net.view(), closed).outside);
    const auto cut = [&](state::Txn& txn) {
        delete_route(
            txn, {.route_table_id = net.vpc->main_route_table, .destination_cidr_block = "0.0.0.0/0"},
            net.caller
        );
    };
    EXPECT_EQ(net.affected(cut), (std::set{open.key(), closed.key()}));
    EXPECT_FALSE(eni_object(net.view(), open).outside);
}

TEST(WorkerNetwork, PrefixListsBecomeBlocks) {
    Net net;
    const std::string group = net.group("g");
    const std::string list = *net.ok(describe_prefix_lists, {}).prefix_lists->at(0).prefix_list_id;
    IpPermission permission{.ip_protocol = "tcp", .from_port = 443, .to_port = 443};
    permission.prefix_list_ids = {PrefixListId{.prefix_list_id = list}};
    net.ok(authorize_security_group_egress, {.group_id = group, .ip_permissions = {{permission}}});
    const auto rules = group_object(*net.view().get<SecurityGroupRecord>(net.key(group))).egress;
    EXPECT_GT(rules.size(), 2u);
    EXPECT_EQ(rules.back().from_port, 443);
    EXPECT_NE(rules.back().cidr, "");
}

}  // namespace
}  // namespace gantry::ec2
