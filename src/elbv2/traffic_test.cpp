#include "elbv2/traffic.h"

#include <gtest/gtest.h>

#include <map>

#include "elbv2/elbv2_client_test.h"
#include "elbv2/listener.h"
#include "elbv2/target.h"

namespace gantry::elbv2 {
namespace {

// A balancer of this type with a group of two targets, one of them healthy.
struct Fleet : testing::Client {
    explicit Fleet(const std::string& type) {
        LoadBalancerRecord balancer;
        balancer.account = caller.account;
        balancer.region = caller.region;
        balancer.id = "lb-id";
        balancer.name = "front";
        balancer.type = type;
        TargetGroupRecord group;
        group.account = caller.account;
        group.region = caller.region;
        group.id = "tg-id";
        group.name = "web";
        TargetRecord target;
        target.group = group.key();
        target.address = "172.31.0.10";
        target.port = 80;
        target.zone = "all";
        TargetRecord another = target;
        another.address = "172.31.0.11";
        ListenerRecord listener;
        listener.account = caller.account;
        listener.region = caller.region;
        listener.balancer = balancer.id;
        listener.balancer_path = balancer.path();
        listener.id = "listener-id";
        shapes::elbv2::Action action;
        action.type = "forward";
        action.target_group_arn = group.arn();
        listener.actions = {action};
        commit([&](state::Txn& txn) {
            txn.put(balancer);
            txn.put(group);
            txn.put(listener);
            txn.put(target);
            txn.put(another);
        });
        target.health = TargetHealth::healthy;
        another.health = TargetHealth::unhealthy;
        commit([&](state::Txn& txn) {
            txn.put(target);
            txn.put(another);
        });
    }

    // By "NAME" and the values of its dimensions.
    std::map<std::string, TrafficSample> read(const link::Usage& usage, bool open_connections = true) const {
        std::map<std::string, TrafficSample> all;
        for (auto& sample : balancer_traffic(view(), usage, open_connections)) {
            EXPECT_TRUE(std::is_sorted(sample.name.dimensions.begin(), sample.name.dimensions.end()));
            std::string name = sample.name.name;
            for (const auto& [dimension, value] : sample.name.dimensions) name += " " + value;
            EXPECT_TRUE(all.emplace(name, sample).second) << name;
        }
        return all;
    }
};

TEST(BalancerTraffic, OfANetworkBalancerByZoneAndInAll) {
    Fleet fleet("network");
    link::Usage usage;
    usage.flows = {{"lb-id", "a", "tcp", 4, 3, 20, 900, 2, 1}, {"lb-id", "b", "udp", 1, 1, 2, 100, 0, 0}, {"gone", "a", "tcp", 9, 9, 9, 9}};
    const auto all = fleet.read(usage);
    const auto value = [&](const std::string& name) { return all.at(name).values.sum(); };
    EXPECT_EQ(all.at("NewFlowCount net/front/lb-id").name.space, "AWS/NetworkELB");
    EXPECT_EQ(all.at("ProcessedBytes net/front/lb-id").unit, "Bytes");
    EXPECT_EQ(value("NewFlowCount net/front/lb-id"), 4);
    EXPECT_EQ(value("NewFlowCount a net/front/lb-id"), 3);
    EXPECT_EQ(value("NewFlowCount_UDP b net/front/lb-id"), 1);
    EXPECT_EQ(value("ActiveFlowCount net/front/lb-id"), 5);
    EXPECT_EQ(all.at("ActiveFlowCount net/front/lb-id").values.count(), 1) << "one number, so that its average is right";
    EXPECT_EQ(value("ProcessedBytes net/front/lb-id"), 1'000);
    EXPECT_EQ(value("ProcessedPackets a net/front/lb-id"), 20);
    EXPECT_EQ(value("TCP_Target_Reset_Count net/front/lb-id"), 2);
    EXPECT_EQ(value("TCP_Client_Reset_Count a net/front/lb-id"), 1);
    usage.flows = {{"lb-id", "a", "tcp"}};
    EXPECT_EQ(fleet.read(usage).at("NewFlowCount net/front/lb-id").values.sum(), 0) << "zeros are reported";
}

TEST(BalancerTraffic, OfAnApplicationBalancer) {
    Fleet fleet("application");
    link::Usage usage;
    usage.clients = {{"lb-id", 3, 2, 5'000, {0, 0, 1, 0, 4}}};
    usage.targets = {
        {"lb-id", "tg-id", "a", 1, 1, {0, 8, 0, 1, 1}, 20}, {"lb-id", "tg-id", "b", 1, 0, {0, 10, 0, 0, 0}, 40},
        {"lb-id", "gone", "a", 1, 1, {0, 8, 0, 0, 0}, 20}
    };
    auto all = fleet.read(usage);
    const auto value = [&](const std::string& name) { return all.at(name).values.sum(); };
    const std::string balancer = " app/front/lb-id", group = " targetgroup/web/tg-id";
    EXPECT_EQ(all.at("RequestCount" + balancer).name.space, "AWS/ApplicationELB");
    EXPECT_EQ(value("RequestCount" + balancer), 20);
    EXPECT_EQ(value("RequestCount a" + balancer + group), 10);
    EXPECT_EQ(value("HTTPCode_Target_2XX_Count" + balancer + group), 18);
    EXPECT_EQ(value("HTTPCode_Target_5XX_Count" + balancer), 1);
    EXPECT_FALSE(all.contains("HTTPCode_Target_3XX_Count" + balancer)) << "nothing is not reported";
    EXPECT_EQ(value("HTTPCode_ELB_5XX_Count" + balancer), 4);
    EXPECT_EQ(value("HTTPCode_ELB_3XX_Count" + balancer), 1);
    EXPECT_EQ(value("ActiveConnectionCount" + balancer), 5) << "both sides";
    EXPECT_EQ(value("NewConnectionCount" + balancer), 3);
    EXPECT_EQ(value("ProcessedBytes" + balancer), 5'000);
    EXPECT_NEAR(all.at("TargetResponseTime" + balancer + group).values.average(), 0.03, 1e-9);
    EXPECT_EQ(all.at("TargetResponseTime" + balancer).unit, "Seconds");
    EXPECT_EQ(value("RequestCountPerTarget" + group), 20) << "one target is healthy";
    EXPECT_EQ(value("RequestCountPerTarget" + balancer + group), 20);
    all = fleet.read(usage, false);
    EXPECT_FALSE(all.contains("ActiveConnectionCount" + balancer));
}

TEST(BalancerTraffic, WhatMakesNoSenseIsLeftOut) {
    Fleet fleet("application");
    link::Usage usage;
    usage.flows = {{"lb-id", "a", "tcp", 1, 1, 1, 1}};
    usage.clients = {{"", 1, 1, 1, {1, 2, 3, 4, 5, 6}}};
    usage.targets = {{"lb-id", "", "a", 1, 1, {1}, 1}};
    EXPECT_TRUE(fleet.read(usage).empty());
}

}  // namespace
}  // namespace gantry::elbv2
