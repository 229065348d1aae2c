#include "ec2/worker_network.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "dispatch/ec2_handlers.h"
#include "ec2/ec2_client_test.h"
#include "ec2/new_vpc.h"
#include "ec2/task_eni.h"

namespace gantry::ec2 {
namespace {

using namespace shapes::ec2;
using testing::Client;

// What each worker holds: "kind/key" → JSON.
using Held = std::map<std::string, std::map<std::string, std::string>>;

struct Net : Client {
    state::Pinned<VpcRecord> vpc = default_vpc(view(), caller.account, caller.region);
    VpcPublisher vpcs;
    SecurityGroupPublisher groups;
    EniPublisher enis;
    std::vector<const Publisher*> publishers = {&vpcs, &groups, &enis};
    Held held;  // kept up to date by events only

    void look(const Publisher& publisher, const std::string& key, Held& to) const {
        const std::string name = std::string(publisher.kind()) + "/" + key;
        for (auto& [_, objects] : to) objects.erase(name);
        const auto built = publisher.build(view(), key);
        if (!built) return;
        const std::string body = boost::json::serialize(built->body());
        for (const auto& worker : built->workers) to[worker][name] = body;
    }
    // What the workers hold when everything is looked at afresh.
    Held fresh() const {
        Held all;
        for (const auto* publisher : publishers)
            publisher->all(view(), [&](const std::string& key) { look(*publisher, key, all); });
        return all;
    }
    // The keys that were looked at, as "kind/key".
    template <class Fn>
    std::set<std::string> commit(Fn fn) {
        state::Txn txn(database, turn);
        fn(txn);
        std::set<std::string> seen;
        for (const auto& change : txn.finish()) {
            for (const auto* publisher : publishers) {
                publisher->affected(view(), change, [&](const std::string& key) {
                    seen.insert(std::string(publisher->kind()) + "/" + key);
                    look(*publisher, key, held);
                });
            }
        }
        return seen;
    }
    static Held without_idle(Held all) {
        std::erase_if(all, [](const auto& worker) { return worker.second.empty(); });
        return all;
    }

    EniRecord add(const std::string& group, const std::string& worker, bool open = false) {
        EniAllocator allocator(view());
        TaskEniRequest request;
        request.account = caller.account;
        request.region = caller.region;
        request.subnets = {view().find_one<SubnetsByVpc>(vpc->key())->id};
        request.groups = {group};
        request.public_address = open;
        request.worker = worker;
        const auto made = allocator.make(request, turn);
        commit([&](state::Txn& txn) { allocator.write(txn); });
        return *made;
    }
    std::set<std::string> remove(const EniRecord& eni) {
        EniAllocator allocator(view());
        allocator.release(eni.key());
        return commit([&](state::Txn& txn) { allocator.write(txn); });
    }
    std::string group(const std::string& name) {
        std::string id;
        commit([&](state::Txn& txn) {
            id = *create_security_group(txn, {.description = "d", .group_name = name}, caller)->group_id;
        });
        return id;
    }
    std::set<std::string> let_in(const std::string& group, const std::string& from, bool allow = true) {
        IpPermission permission{.ip_protocol = "tcp", .from_port = 80, .to_port = 80};
        permission.user_id_group_pairs = {UserIdGroupPair{.group_id = from}};
        return commit([&](state::Txn& txn) {
            if (allow) {
                authorize_security_group_ingress(
                    txn, {.group_id = group, .ip_permissions = {{permission}}}, caller
                );
            } else {
                revoke_security_group_ingress(
                    txn, {.group_id = group, .ip_permissions = {{permission}}}, caller
                );
            }
        });
    }
};

TEST(WorkerNetwork, AWorkerKnowsMembersOfGroupsThatItsRulesReferTo) {
    Net net;
    const std::string server = net.group("server");
    const std::string client = net.group("client");
    const EniRecord a = net.add(server, "w1");
    const EniRecord b = net.add(client, "w2");
    EXPECT_FALSE(net.held["w1"].contains("eni/" + b.id));
    EXPECT_TRUE(net.let_in(server, client).contains("eni/" + b.id));
    EXPECT_TRUE(net.held["w1"].contains("eni/" + b.id));
    EXPECT_TRUE(net.held["w1"].contains("vpc/" + net.vpc->id));
    EXPECT_FALSE(net.held["w1"].contains("security_group/" + client));
    EXPECT_FALSE(net.held["w2"].contains("eni/" + a.id));
    const auto rules = group_object(*net.view().find_one<SecurityGroupById>(server));
    EXPECT_EQ(rules.ingress.at(0).group, client);
    EXPECT_EQ(rules.ingress.at(0).from_port, 80);
    EXPECT_EQ(rules.egress.at(0), (link::GroupRule{"-1", {}, {}, "0.0.0.0/0", ""}));
    net.remove(a);
    EXPECT_TRUE(net.held["w1"].empty());
}

TEST(WorkerNetwork, OneMoreInterfaceOfAKnownGroupMakesNobodyElseLook) {
    Net net;
    for (int i = 0; i < 20; ++i) net.add(net.vpc->default_group, "w1");
    const EniRecord last = net.add(net.vpc->default_group, "w2");
    const auto seen = net.remove(last);
    EXPECT_EQ(seen.size(), 20u + 3u);  // w2 forgets the members of the default group, which lets in itself
}

TEST(WorkerNetwork, OutsideNeedsAPublicAddressAndARoute) {
    Net net;
    const EniRecord open = net.add(net.vpc->default_group, "w1", true);
    const EniRecord closed = net.add(net.vpc->default_group, "w1", false);
    EXPECT_TRUE(eni_object(net.view(), open).outside);
    EXPECT_FALSE(eni_object(net.view(), closed).outside);
    const auto seen = net.commit([&](state::Txn& txn) {
        delete_route(
            txn, {.route_table_id = net.vpc->main_route_table, .destination_cidr_block = "0.0.0.0/0"},
            net.caller
        );
    });
    EXPECT_EQ(seen, (std::set<std::string>{"eni/" + open.id}));
    EXPECT_FALSE(eni_object(net.view(), open).outside);
}

TEST(WorkerNetwork, PrefixListsBecomeBlocks) {
    Net net;
    const std::string group = net.group("g");
    const std::string list = *net.ok(describe_prefix_lists, {}).prefix_lists->at(0).prefix_list_id;
    IpPermission permission{.ip_protocol = "tcp", .from_port = 443, .to_port = 443};
    permission.prefix_list_ids = {PrefixListId{.prefix_list_id = list}};
    net.ok(authorize_security_group_egress, {.group_id = group, .ip_permissions = {{permission}}});
    const auto rules = group_object(*net.view().find_one<SecurityGroupById>(group)).egress;
    EXPECT_GT(rules.size(), 2u);
    EXPECT_EQ(rules.back().from_port, 443);
    EXPECT_NE(rules.back().cidr, "");
}

// Events alone keep every worker at what a fresh look at everything gives.
TEST(WorkerNetwork, EventsMissNothing) {
    for (int round = 0; round < 15; ++round) {
        Net net;
        net.dice = testing::Dice(round + 1);
        std::vector<std::string> groups = {net.vpc->default_group};
        for (const char* name : {"a", "b", "c"}) groups.push_back(net.group(name));
        std::vector<EniRecord> live;
        const auto any_group = [&] { return groups[net.dice.draw() % groups.size()]; };
        for (int step = 0; step < 80; ++step) {
            switch (net.dice.draw() % 6) {
                case 0:
                case 1:
                case 2:
                    live.push_back(
                        net.add(any_group(), "w" + std::to_string(net.dice.draw() % 3), step % 2 == 0)
                    );
                    break;
                case 3:
                    if (!live.empty()) {
                        const auto victim = live.begin() + static_cast<long>(net.dice.draw() % live.size());
                        net.remove(*victim);
                        live.erase(victim);
                    }
                    break;
                default:
                    net.let_in(any_group(), any_group(), net.dice.draw() % 2 == 0);
            }
            ASSERT_EQ(Net::without_idle(net.held), Net::without_idle(net.fresh())) << round << " " << step;
        }
    }
}

}  // namespace
}  // namespace gantry::ec2
