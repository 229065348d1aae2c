#include "adapter/haproxy/traffic_ledger.h"

#include <gtest/gtest.h>

namespace gantry::adapter::haproxy {
namespace {

TEST(TrafficRows, AreReadByTheNamesOfColumns) {
    const auto rows = traffic_rows(
        "# pxname,svname,scur,bin,bout,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,connect,rtime,addr,conn_tot,"
        "used_conn_cur,idle_conn_cur,\n"
        "f_1,FRONTEND,3,10,200,0,7,0,1,2,,,,9,,,\n"
        "b_1,s0,1,5,100,0,6,0,0,1,4,12,10.0.0.5:80,,1,2,\n\n"
    );
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0], (TrafficRow{"f_1", "", "", 3, 9, 210, {0, 7, 0, 1, 2}, 0}));
    EXPECT_EQ(rows[1], (TrafficRow{"b_1", "s0", "10.0.0.5:80", 3, 4, 105, {0, 6, 0, 0, 1}, 12}));
    EXPECT_TRUE(traffic_rows("").empty());
    EXPECT_TRUE(traffic_rows("Unknown command\n").empty());
}

TrafficRow row(std::uint64_t connections, std::uint64_t good) {
    return {"b", "s0", "10.0.0.5:80", 1, connections, 100 * good, {0, good, 0, 0, 0}, 5};
}

TEST(TrafficLedger, TellsWhatHappenedBetweenReadings) {
    TrafficLedger ledger;
    EXPECT_EQ(ledger.read({{"1", {row(4, 10)}}}), std::vector{row(0, 0)}) << "what was before nobody asked";
    EXPECT_EQ(ledger.read({{"1", {row(5, 12)}}}), std::vector{row(1, 2)});
    // A reload: the former process finishes what it has, the new one counts from nothing.
    EXPECT_EQ(ledger.read({{"1", {row(5, 13)}}, {"2", {row(3, 3)}}}), (std::vector{row(0, 1), row(3, 3)}));
    EXPECT_EQ(ledger.read({{"2", {row(3, 4)}}}), std::vector{row(0, 1)});
    EXPECT_TRUE(ledger.read({}).empty()) << "the proxy is away";
    EXPECT_EQ(ledger.read({{"3", {row(1, 1)}}}), std::vector{row(1, 1)});
}

TEST(TrafficLedger, AnAnswerOnItsWayIsNotTheBalancersOwn) {
    TrafficLedger ledger;
    using Answers = std::array<std::uint64_t, 5>;
    EXPECT_EQ(ledger.own_answers("lb", {0, 5, 0, 0, 2}, {0, 7, 0, 0, 0}), (Answers{0, 0, 0, 0, 2}));
    EXPECT_EQ(ledger.own_answers("lb", {0, 2, 0, 1, 0}, {0, 0, 0, 0, 1}), (Answers{0, 0, 0, 1, 0}));
    EXPECT_EQ(ledger.own_answers("lb", {0, 0, 0, 0, 2}, {0, 0, 0, 0, 0}), (Answers{0, 0, 0, 0, 1}));
    EXPECT_EQ(ledger.own_answers("another", {0, 1, 0, 0, 0}, {}), (Answers{0, 1, 0, 0, 0}));
}

}  // namespace
}  // namespace gantry::adapter::haproxy
