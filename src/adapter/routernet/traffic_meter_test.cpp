#include "adapter/routernet/traffic_meter.h"

#include <gtest/gtest.h>

namespace gantry::adapter::routernet {
namespace {

TEST(SetCounters, AreReadFromWhatNftPrints) {
    const auto read = set_counters(
        "table ip gantry_router {\n\tset lb_flows {\n\t\ttype ipv4_addr . inet_proto . inet_service\n\t\tcounter\n"
        "\t\telements = { 10.1.1.2 . udp . 53 counter packets 0 bytes 0,\n"
        "\t\t\t     10.1.1.1 . tcp . 80 counter packets 3 bytes 180 }\n\t}\n}\n"
    );
    ASSERT_EQ(read.size(), 2U);
    EXPECT_EQ(read.at("10.1.1.1 . tcp . 80").packets, 3U);
    EXPECT_EQ(read.at("10.1.1.1 . tcp . 80").bytes, 180U);
    EXPECT_EQ(read.at("10.1.1.2 . udp . 53").packets, 0U);
}

TEST(SetCounters, WhatIsNoListingGivesNone) {
    EXPECT_TRUE(set_counters("").empty());
    EXPECT_TRUE(set_counters("table ip t {\n\tset s {\n\t\ttype ipv4_addr\n\t}\n}\n").empty());
    EXPECT_TRUE(set_counters("elements = { 10.0.0.1, 10.0.0.2 counter packets x bytes y, counter").empty());
}

TrafficMeter::Reading reading(std::uint64_t flows, std::uint64_t packets, std::uint64_t bytes) {
    TrafficMeter::Reading now;
    now.flows["10.0.0.1 . tcp . 80"] = {flows, 60 * flows};
    now.flows["10.0.0.1 . tcp . 81"] = {1, 60};
    now.bytes["10.0.0.1 . tcp"] = {packets, bytes};
    now.target_resets["10.0.0.1"] = {flows / 2, 0};
    now.client_resets["10.0.0.1"] = {};
    return now;
}

TEST(TrafficMeter, TellsWhatWasCarriedBetweenReadings) {
    TrafficMeter meter;
    EXPECT_EQ(meter.read(reading(5, 50, 5'000)), (std::vector<port::EntranceTraffic>{{"10.0.0.1", "tcp"}}));
    EXPECT_EQ(
        meter.read(reading(7, 80, 9'000)),
        (std::vector<port::EntranceTraffic>{{"10.0.0.1", "tcp", 0, 2, 30, 4'000, 1, 0}})
    );
    EXPECT_EQ(meter.read(reading(7, 80, 9'000)), (std::vector<port::EntranceTraffic>{{"10.0.0.1", "tcp"}}));
}

TEST(TrafficMeter, RulesThatWereLoadedAnewBeginAnew) {
    TrafficMeter meter;
    meter.read(reading(7, 80, 9'000));
    const auto read = meter.read(reading(2, 20, 100));
    ASSERT_EQ(read.size(), 1U);
    EXPECT_EQ(read[0].new_flows, 2U);
    EXPECT_EQ(read[0].packets, 20U);
    EXPECT_EQ(read[0].bytes, 100U);
    EXPECT_EQ(meter.read({}), std::vector<port::EntranceTraffic>{});
    EXPECT_EQ(meter.read(reading(1, 2, 3)).at(0).bytes, 3U) << "a balancer that is new since";
}

}  // namespace
}  // namespace gantry::adapter::routernet
