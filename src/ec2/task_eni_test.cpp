#include "ec2/task_eni.h"

#include <gtest/gtest.h>

#include <map>

#include "ec2/ec2_client_test.h"
#include "ec2/new_vpc.h"
#include "ec2/seed.h"

namespace gantry::ec2 {
namespace {

using testing::World;
constexpr const char* kAccount = "123456789012";
constexpr const char* kTokyo = "ap-northeast-1";

void seed_region(World& world, const std::string& account, const std::string& region) {
    world.write([&](state::Txn& txn) { seed(txn, Caller{.account = account, .region = region}); });
}

std::vector<std::string> subnets_of(World& world, const std::string& account, const std::string& region) {
    std::vector<std::string> ids;
    for (const auto& subnet : world.view().list<SubnetRecord>(key_of(account, region, {})))
        ids.push_back(subnet->id);
    return ids;
}

SubnetRecord small_subnet(const VpcRecord& vpc, const std::string& cidr) {
    SubnetRecord subnet;
    subnet.account = vpc.account;
    subnet.region = vpc.region;
    subnet.id = "subnet-small";
    subnet.vpc = vpc.id;
    subnet.cidr = cidr;
    subnet.zone = vpc.region + "a";
    return subnet;
}

TaskEniRequest request_for(World& world, const std::string& account, const std::string& region) {
    const auto vpc = default_vpc(world.view(), account, region);
    TaskEniRequest request;
    request.account = account;
    request.region = region;
    request.subnets = subnets_of(world, account, region);
    request.groups = {vpc->default_group};
    request.attachment_uuid = "2bb8c3ba-3c6f-4f0c-8d1b-0d0e5c6d7a11";
    request.owner = "task";
    return request;
}

TEST(Seed, MakesADefaultVpcWithASubnetPerZone) {
    World world;
    seed_region(world, kAccount, kTokyo);
    const auto vpc = default_vpc(world.view(), kAccount, kTokyo);
    ASSERT_TRUE(vpc);
    EXPECT_EQ(vpc->cidr, "172.31.0.0/16");
    std::map<std::string, std::string> zones;
    for (const auto& subnet : world.view().find<SubnetsByVpc>(vpc->key())) zones[subnet->zone] = subnet->cidr;
    EXPECT_EQ(
        zones, (std::map<std::string, std::string>{
                   {"ap-northeast-1a", "172.31.0.0/20"},
                   {"ap-northeast-1c", "172.31.16.0/20"},
                   {"ap-northeast-1d", "172.31.32.0/20"}
               })
    );
    const auto table = world.view().find_one<RouteTablesByVpc>(vpc->key());
    ASSERT_TRUE(table);
    EXPECT_TRUE(table->is_main());
    EXPECT_EQ(table->routes.at(1).gateway, world.view().find_one<InternetGatewayByVpc>(vpc->key())->id);
    World again;
    seed_region(again, kAccount, kTokyo);
    EXPECT_EQ(default_vpc(again.view(), kAccount, kTokyo)->id, vpc->id);
}

TEST(CheckAwsvpc, FindsEachFault) {
    World world;
    seed_region(world, kAccount, kTokyo);
    const auto vpc = default_vpc(world.view(), kAccount, kTokyo);
    const auto subnets = subnets_of(world, kAccount, kTokyo);
    world.write([&](state::Txn& txn) {
        put(txn, build_vpc(kAccount, kTokyo, *parse_cidr("10.0.0.0/16"), [](std::string_view prefix) {
                return std::string(prefix) + "other";
            }));
        SubnetRecord subnet =
            small_subnet(*txn.get<VpcRecord>(key_of(kAccount, kTokyo, "vpc-other")), "10.0.0.0/24");
        subnet.id = "subnet-other";
        txn.put(subnet);
    });
    using Kind = AwsvpcFault::Kind;
    const auto check = [&](std::vector<std::string> ids, std::vector<std::string> groups) {
        return check_awsvpc(world.view(), kAccount, kTokyo, ids, groups);
    };
    EXPECT_EQ(check({subnets[0], "subnet-x"}, {}).error().kind, Kind::subnet_not_found);
    EXPECT_EQ(check({subnets[0], "subnet-other"}, {}).error().kind, Kind::subnets_of_two_vpcs);
    EXPECT_EQ(check(subnets, {"sg-x"}).error().id, "sg-x");
    EXPECT_EQ(check(subnets, {"sg-other"}).error().kind, Kind::group_of_another_vpc);
    const auto good = check({subnets[1], subnets[0], subnets[1]}, {});
    ASSERT_TRUE(good);
    EXPECT_EQ(good->subnets, (std::vector{subnets[1], subnets[0]}));
    EXPECT_EQ(good->groups, (std::vector{vpc->default_group}));
}

TEST(EniAllocator, FillsAnInterfaceAsFargateShowsIt) {
    World world;
    seed_region(world, kAccount, kTokyo);
    auto request = request_for(world, kAccount, kTokyo);
    request.public_address = true;
    EniAllocator enis(world.view());
    const auto eni = enis.make(request, world.turn);
    ASSERT_TRUE(eni);
    EXPECT_EQ(
        eni->description,
        "arn:aws:ecs:ap-northeast-1:123456789012:attachment/2bb8c3ba-3c6f-4f0c-8d1b-0d0e5c6d7a11"
    );
    EXPECT_TRUE(kPublicAddresses.contains(*parse_ipv4(eni->public_address)));
    EXPECT_EQ(eni->mac.size(), 17u);
    EXPECT_EQ(eni->zone, world.view().get<SubnetRecord>(key_of(kAccount, kTokyo, eni->subnet))->zone);
}

TEST(EniAllocator, ASubnetOfSixteenHoldsElevenAndThenIsFull) {
    World world;
    seed_region(world, kAccount, kTokyo);
    const auto vpc = default_vpc(world.view(), kAccount, kTokyo);
    world.write([&](state::Txn& txn) { txn.put(small_subnet(*vpc, "172.31.200.16/28")); });
    auto request = request_for(world, kAccount, kTokyo);
    request.subnets = {"subnet-small"};
    EniAllocator enis(world.view());
    std::string first;
    for (int i = 0; i < 11; ++i) {
        const auto eni = enis.make(request, world.turn);
        ASSERT_TRUE(eni);
        if (i == 0) first = eni->key();
        EXPECT_GE(parse_ipv4(eni->address)->bits, parse_ipv4("172.31.200.20")->bits);
        EXPECT_LE(parse_ipv4(eni->address)->bits, parse_ipv4("172.31.200.30")->bits);
    }
    const auto full = enis.make(request, world.turn);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().kind, EniFault::Kind::subnets_full);
    EXPECT_EQ(full.error().id, "subnet-small");
    world.write([&](state::Txn& txn) { enis.write(txn); });

    EniAllocator later(world.view());
    EXPECT_FALSE(later.make(request, world.turn));
    EXPECT_TRUE(later.release(first));
    EXPECT_FALSE(later.release(first));
    EXPECT_TRUE(later.make(request, world.turn));
    EXPECT_FALSE(later.make(request, world.turn));
}

// Random makes and releases over several accounts and regions whose VPCs overlap: an address in use is never
// given twice, and what is free can be had.
TEST(EniAllocator, NeverGivesALiveAddressTwice) {
    for (std::uint64_t round = 1; round <= 20; ++round) {
        World world;
        world.dice = testing::Dice(round);
        const std::vector<std::pair<std::string, std::string>> places = {
            {kAccount, kTokyo}, {kAccount, "us-east-1"}, {"000000000001", kTokyo}
        };
        for (const auto& [account, region] : places) {
            seed_region(world, account, region);
            world.write([&](state::Txn& txn) {
                txn.put(small_subnet(*default_vpc(txn, account, region), "172.31.255.0/26"));
            });
        }
        std::map<std::string, std::string> live;  // address -> record key
        std::map<std::string, std::string> live_open;
        for (int step = 0; step < 300; ++step) {
            EniAllocator enis(world.view());
            const auto& [account, region] = places[world.dice.draw() % places.size()];
            for (int n = 0; n < 3; ++n) {
                if (world.dice.draw() % 3 != 0) {
                    auto request = request_for(world, account, region);
                    request.subnets = {"subnet-small"};
                    request.public_address = world.dice.draw() % 2 == 0;
                    const auto eni = enis.make(request, world.turn);
                    if (!eni) {
                        ASSERT_EQ(eni.error().kind, EniFault::Kind::subnets_full);
                        ASSERT_EQ(live.size(), 64u - kReserved);
                        continue;
                    }
                    ASSERT_TRUE(live.emplace(eni->address, eni->key()).second) << eni->address;
                    if (request.public_address) {
                        ASSERT_TRUE(live_open.emplace(eni->public_address, eni->key()).second);
                    }
                } else if (!live.empty()) {
                    auto victim = std::next(live.begin(), world.dice.draw() % live.size());
                    if (!enis.release(victim->second)) continue;  // made in this very plan
                    std::erase_if(live_open, [&](const auto& item) { return item.second == victim->second; });
                    live.erase(victim);
                }
            }
            world.write([&](state::Txn& txn) { enis.write(txn); });
        }
        ASSERT_EQ(world.view().list<EniRecord>().size(), live.size());
        for (const auto& [address, key] : live)
            ASSERT_EQ(world.view().find_one<EniByAddress>(address)->key(), key);
    }
}

TEST(EniAllocator, AReleasedAddressRestsWhileOthersAreFree) {
    World world;
    seed_region(world, kAccount, kTokyo);
    const auto request = request_for(world, kAccount, kTokyo);
    std::string last;
    for (int i = 0; i < 200; ++i) {
        EniAllocator enis(world.view());
        const auto eni = enis.make(request, world.turn);
        ASSERT_TRUE(eni);
        EXPECT_NE(eni->address, last);
        last = eni->address;
        world.write([&](state::Txn& txn) { enis.write(txn); });
        EniAllocator release(world.view());
        release.release(eni->key());
        world.write([&](state::Txn& txn) { release.write(txn); });
    }
}

}  // namespace
}  // namespace gantry::ec2
