#include "worker/balancer_usage.h"

#include <gtest/gtest.h>

namespace gantry::worker {
namespace {

BalancerObjects objects() {
    BalancerObjects all;
    auto& network = all.balancers["net"];
    network.id = "net";
    network.type = "network";
    network.host_address = "127.64.0.1";
    network.addresses = {{"b", "eni-b", "10.0.1.1"}, {"a", "eni-a", "10.0.0.1"}};
    auto& application = all.balancers["app"];
    application.id = "app";
    application.type = "application";
    application.host_address = "127.64.0.2";
    application.addresses = {{"a", "eni-c", "10.0.0.2"}};
    auto& group = all.groups["tg"];
    group.id = "tg";
    group.targets = {{"10.0.0.9", 80, "a"}};
    return all;
}

TEST(BalancerUsage, FlowsCountForTheZoneWhereTheyCameIn) {
    const auto all = flow_usage(
        objects(), {{"10.0.0.1", "tcp", 1, 2, 3, 4, 5, 6},
                    {"10.0.1.1", "tcp", 10, 0, 0, 0, 0, 0},
                    {"10.0.1.1", "udp", 0, 7, 0, 0, 0, 0},
                    {"127.64.0.1", "tcp", 1, 1, 1, 1, 1, 1},
                    {"10.0.0.2", "tcp", 9, 9, 9, 9, 9, 9},
                    {"10.9.9.9", "tcp", 9, 9, 9, 9, 9, 9}}
    );
    EXPECT_EQ(
        all, (std::vector<link::FlowUsage>{
                 {"net", "a", "tcp", 2, 3, 4, 5, 6, 7}, {"net", "b", "tcp", 10}, {"net", "b", "udp", 0, 7}
             })
    );
}

TEST(BalancerUsage, WhatIsIdleIsLeftOut) {
    link::Usage usage;
    port::HttpTraffic traffic;
    traffic.clients = {{"app", 1, 2, 300, {0, 0, 0, 1, 0}}, {"idle", 0, 0, 0, {}}};
    traffic.servers = {
        {"app", "tg", "10.0.0.9", 80, 1, 1, {0, 4, 0, 0, 0}, 12.5},
        {"app", "tg", "10.0.0.8", 80, 0, 0, {}, 7},
        {"app", "gone", "10.0.0.9", 80, 1, 0, {}, 7}
    };
    add_http_usage(objects(), traffic, usage);
    EXPECT_EQ(usage.clients, (std::vector<link::ClientUsage>{{"app", 1, 2, 300, {0, 0, 0, 1, 0}}}));
    EXPECT_EQ(
        usage.targets, (std::vector<link::TargetUsage>{
                           {"app", "tg", "a", 1, 1, {0, 4, 0, 0, 0}, 12.5}, {"app", "gone", "", 1, 0, {}, 0}
                       })
    );
}

}  // namespace
}  // namespace gantry::worker
