#include "worker/probe_schedule.h"

#include <gtest/gtest.h>

namespace gantry::worker {
namespace {

using End = port::Probed::End;
using link::ProbeOutcome;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Schedule : testing::Test {
    std::map<std::string, link::TargetGroup> groups;
    ProbeSchedule schedule;
    port::SteadyInstant now{1'000};

    Schedule() {
        auto& group = groups["g"];
        group.id = "g";
        group.protocol = "TCP";
        group.probe_from = "10.0.0.1";
        group.health_check.protocol = "HTTP";
        group.health_check.path = "/up";
        group.health_check.matcher = "200";
        group.health_check.interval = 5;
        group.health_check.timeout = 2;
        group.health_check.healthy_threshold = 3;
        group.health_check.unhealthy_threshold = 2;
        add("r1");
    }
    link::TargetGroup& group() { return groups["g"]; }
    void add(const std::string& registration) {
        group().targets.push_back({"10.0.0.9", 80, "a", link::TargetState::initial, registration});
    }
    void set() { schedule.set(groups, {"g"}, now); }
    std::vector<ProbeSchedule::Due> take() { return schedule.take(now, 100); }
    // The one target is probed now.
    std::optional<link::ObservedTarget> probe(port::Probed outcome) {
        const auto due = take();
        EXPECT_EQ(due.size(), 1u);
        if (due.empty()) return std::nullopt;
        return schedule.finished(due[0], outcome, now);
    }
};

TEST_F(Schedule, ProbesAtOnceAndThenAtItsInterval) {
    set();
    auto due = take();
    ASSERT_EQ(due.size(), 1u);
    EXPECT_EQ(due[0].probe, (port::Probe{"10.0.0.1", "10.0.0.9", 80, "HTTP", "/up", "ELB-HealthChecker/2.0", seconds(2)}));
    EXPECT_TRUE(take().empty());
    now = now + milliseconds(700);
    (void)schedule.finished(due[0], {End::answered, 200}, now);
    ASSERT_TRUE(schedule.next());
    EXPECT_EQ(*schedule.next(), (port::SteadyInstant{6'000}));
    // A late look moves nobody's turn.
    now = {6'300};
    due = take();
    (void)schedule.finished(due.at(0), {End::answered, 200}, now);
    EXPECT_EQ(*schedule.next(), (port::SteadyInstant{11'000}));
    // But nobody catches up on missed turns.
    now = {60'000};
    due = take();
    (void)schedule.finished(due.at(0), {End::answered, 200}, now);
    EXPECT_EQ(*schedule.next(), (port::SteadyInstant{65'000}));
}

TEST_F(Schedule, CountsARunOfEqualOutcomesUpToTheLargerThreshold) {
    set();
    const auto next = [&](port::Probed outcome) {
        const auto report = probe(outcome);
        now = now + seconds(5);
        return report;
    };
    using Observed = link::ObservedTarget;
    EXPECT_EQ(next({End::refused, 0}), (Observed{ProbeOutcome::refused, 1, 0, false}));
    EXPECT_EQ(next({End::timeout, 0}), (Observed{ProbeOutcome::timeout, 2, 0, false}));
    EXPECT_EQ(next({End::answered, 503}), (Observed{ProbeOutcome::wrong_response, 3, 503, false}));
    EXPECT_EQ(next({End::answered, 503}), std::nullopt);
    EXPECT_EQ(next({End::garbage, 0}), (Observed{ProbeOutcome::wrong_response, 3, 0, false}));
    EXPECT_EQ(next({End::answered, 200}), (Observed{ProbeOutcome::success, 1, 0, false}));
    EXPECT_EQ(next({End::answered, 200}), (Observed{ProbeOutcome::success, 2, 0, false}));
    EXPECT_EQ(next({End::answered, 200}), (Observed{ProbeOutcome::success, 3, 0, false}));
    EXPECT_EQ(next({End::answered, 200}), std::nullopt);
    EXPECT_EQ(next({End::refused, 0}), (Observed{ProbeOutcome::refused, 1, 0, false}));
}

TEST_F(Schedule, AProbeThatCouldNotBeMadeSaysNothingAndIsRepeatedSoon) {
    set();
    EXPECT_TRUE(probe({End::answered, 200}));
    now = now + seconds(5);
    EXPECT_FALSE(probe({End::not_made, 0}));
    EXPECT_EQ(*schedule.next(), now + ProbeSchedule::again_after);
    EXPECT_EQ(schedule.observed({"g", "r1"}).streak, 1);
}

TEST_F(Schedule, AnotherRegistrationStartsAnew) {
    set();
    EXPECT_TRUE(probe({End::answered, 200}));
    now = now + seconds(5);
    const auto late = take();
    group().targets[0].registration = "r2";
    set();
    EXPECT_FALSE(schedule.finished(late.at(0), {End::answered, 200}, now));
    EXPECT_EQ(probe({End::answered, 200})->streak, 1);
    EXPECT_EQ(schedule.size(), 1u);
}

TEST_F(Schedule, AStateChangeMovesNothing) {
    set();
    EXPECT_TRUE(probe({End::answered, 200}));
    now = now + seconds(1);
    group().targets[0].state = link::TargetState::healthy;
    set();
    EXPECT_TRUE(take().empty());
    EXPECT_EQ(*schedule.next(), (port::SteadyInstant{6'000}));
    EXPECT_EQ(schedule.observed({"g", "r1"}).streak, 1);
}

TEST_F(Schedule, AChangedCheckIsAskedAtOnceAndKeepsTheStreak) {
    set();
    EXPECT_TRUE(probe({End::answered, 200}));
    now = now + seconds(1);
    group().health_check.port = 8080;
    set();
    const auto due = take();
    ASSERT_EQ(due.size(), 1u);
    EXPECT_EQ(due[0].probe.port, 8080);
    EXPECT_EQ(schedule.finished(due[0], {End::answered, 200}, now)->streak, 2);
}

TEST_F(Schedule, NotProbed) {
    const auto probed = [&] {
        ProbeSchedule fresh;
        fresh.set(groups, {"g"}, now);
        return fresh.size();
    };
    EXPECT_EQ(probed(), 1u);
    group().targets[0].state = link::TargetState::draining;
    EXPECT_EQ(probed(), 0u);
    group().targets[0].state = link::TargetState::unhealthy;
    EXPECT_EQ(probed(), 1u);
    group().health_check.enabled = false;
    EXPECT_EQ(probed(), 0u);
    group().health_check.enabled = true;
    group().probe_from.clear();
    EXPECT_EQ(probed(), 0u);
    group().probe_from = "10.0.0.1";
    schedule.set(groups, {"other"}, now);
    EXPECT_EQ(schedule.size(), 0u);
    set();
    EXPECT_EQ(take().size(), 1u);
    groups.clear();
    set();
    EXPECT_EQ(schedule.size(), 0u);
    EXPECT_FALSE(schedule.next());
}

TEST_F(Schedule, ManyNewTargetsStartALittleApartAndOnlySoManyAtOnce) {
    group().targets.clear();
    for (int i = 0; i < 1'000; ++i) add("r" + std::to_string(i));
    set();
    EXPECT_EQ(take().size(), 1u);
    now = now + ProbeSchedule::apart * 9;
    EXPECT_EQ(take().size(), 9u);
    now = now + seconds(4);
    EXPECT_EQ(schedule.take(now, 50).size(), 50u);
    EXPECT_EQ(schedule.take(now, 5'000).size(), 940u);
    EXPECT_FALSE(schedule.next());
}

TEST(MatchesStatus, ListsAndRanges) {
    EXPECT_TRUE(matches_status("200", 200));
    EXPECT_FALSE(matches_status("200", 201));
    EXPECT_TRUE(matches_status("200,302", 302));
    EXPECT_TRUE(matches_status("200-299,302", 250));
    EXPECT_TRUE(matches_status("404,200-299", 299));
    EXPECT_FALSE(matches_status("200-299", 300));
    EXPECT_FALSE(matches_status("", 200));
}

}  // namespace
}  // namespace gantry::worker
