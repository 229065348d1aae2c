#include "autoscaling/scheduled_scaling.h"

#include "autoscaling/state_fixture_test.h"
#include "ecs/tables.h"

namespace gantry::autoscaling::testing {
namespace {

using std::chrono::minutes;

class Scheduled : public AutoscalingTest {
  protected:
    Scheduled() {
        turn.now = PolicyInstant{*parse_iso8601("2026-03-01T00:00:30Z")};
        set_desired(2);
        enroll(R"({"MinCapacity":1,"MaxCapacity":4})");
    }
    void set_desired(int count) {
        write([&](state::Txn& txn) {
            auto service = *txn.get<ecs::ServiceRecord>(ecs::ServiceRecord::key(caller.scope(), "c", "s"));
            service.desired_count = count;
            txn.put(std::move(service));
        });
    }
    int desired() {
        return state::View(database)
            .get<ecs::ServiceRecord>(ecs::ServiceRecord::key(caller.scope(), "c", "s"))
            ->desired_count;
    }
    // `limits`: "MinCapacity":…
    std::string put(
        const std::string& name, const std::string& schedule, const std::string& limits, const std::string& more = ""
    ) {
        return refused(
            put_scheduled_action, R"({"ScheduledActionName":")" + name + R"(","Schedule":")" + schedule +
                                      R"(","ScalableTargetAction":{)" + limits + "}" + more + "}"
        );
    }
    void settle() {
        const auto key = TargetRecord::key(caller.scope(), "service/c/s");
        for (int round = 0; round < 20; ++round) {
            const auto plan = controller_.reconcile(state::View(database), key, turn);
            if (plan.actions().empty()) {
                again_ = plan.policy_again();
                return;
            }
            write([&](state::Txn& txn) { txn.apply(plan); });
        }
        FAIL() << "it does not come to rest";
    }
    void at(const char* time) {
        turn.now = PolicyInstant{*parse_iso8601(time)};
        settle();
    }
    std::string again() { return again_ ? format_iso8601(again_->ms) : "never"; }
    // "DESCRIPTION / CAUSE / STATUS", newest first.
    std::vector<std::string> activities() {
        std::vector<std::string> out;
        const auto shown = ask(describe_scaling_activities);
        for (const auto& one : *shown->scaling_activities)
            out.push_back(*one.description + " / " + *one.cause + " / " + *one.status_code);
        return out;
    }

    ScheduledScaling controller_;
    std::optional<PolicyInstant> again_;
};

TEST_F(Scheduled, ARaisedMinimumScalesOutALoweredMaximumScalesIn) {
    EXPECT_EQ(put("up", "cron(0 9 * * ? *)", R"("MinCapacity":3,"MaxCapacity":6)"), "");
    EXPECT_EQ(put("down", "cron(0 18 * * ? *)", R"("MinCapacity":1,"MaxCapacity":1)"), "");
    settle();
    EXPECT_EQ(again(), "2026-03-01T09:00:00.000Z");
    at("2026-03-01T08:59:59Z");
    EXPECT_EQ(desired(), 2);
    at("2026-03-01T09:00:00Z");
    EXPECT_EQ(desired(), 3);
    EXPECT_EQ(target().min_capacity, 3);
    EXPECT_EQ(target().max_capacity, 6);
    EXPECT_EQ(again(), "2026-03-01T18:00:00.000Z");
    at("2026-03-01T18:00:01Z");
    EXPECT_EQ(desired(), 1);
    EXPECT_EQ(again(), "2026-03-02T09:00:00.000Z");
    auto all = activities();
    std::sort(all.begin(), all.end());
    EXPECT_EQ(
        all, (std::vector<std::string>{
                 "Setting desired count to 1. / maximum capacity was set to 1 / InProgress",
                 "Setting desired count to 3. / minimum capacity was set to 3 / Overridden",
                 "Setting min capacity to 1 and max capacity to 1 / scheduled action name down was triggered / Successful",
                 "Setting min capacity to 3 and max capacity to 6 / scheduled action name up was triggered / Successful"})
    );
}

TEST_F(Scheduled, ACountInsideTheRangeIsLeftAlone) {
    EXPECT_EQ(put("wide", "at(2026-03-01T01:00:00)", R"("MinCapacity":1,"MaxCapacity":9)"), "");
    set_desired(4);
    at("2026-03-01T01:00:00Z");
    EXPECT_EQ(desired(), 4);
    EXPECT_EQ(target().max_capacity, 9);
    EXPECT_EQ(activities().size(), 1u);
    EXPECT_EQ(again(), "never");
    // An operator's own, also outside.
    set_desired(0);
    at("2026-03-01T02:00:00Z");
    EXPECT_EQ(desired(), 0);
}

TEST_F(Scheduled, OneLimitAloneLeavesTheOther) {
    EXPECT_EQ(put("least", "at(2026-03-01T01:00:00)", R"("MinCapacity":3)"), "");
    EXPECT_EQ(put("too-much", "at(2026-03-01T02:00:00)", R"("MinCapacity":5)"), "");
    at("2026-03-01T01:00:00Z");
    EXPECT_EQ(target().min_capacity, 3);
    EXPECT_EQ(target().max_capacity, 4);
    at("2026-03-01T02:00:00Z");
    EXPECT_EQ(target().min_capacity, 3);
    EXPECT_EQ(desired(), 3);
    const auto shown = ask(describe_scaling_activities)->scaling_activities->front();
    EXPECT_EQ(shown.status_code, "Failed");
    EXPECT_EQ(
        shown.status_message,
        "Failed to set min capacity to 5. Reason: Maximum capacity cannot be less than minimum capacity"
    );
}

TEST_F(Scheduled, TheWallClockOfItsZoneCounts) {
    EXPECT_EQ(
        put("berlin", "cron(30 2 * * ? *)", R"("MinCapacity":2)", R"(,"Timezone":"Europe/Berlin")"), ""
    );
    at("2026-03-28T12:00:00Z");
    // 2026-03-29 02:30 does not exist there.
    EXPECT_EQ(again(), "2026-03-30T00:30:00.000Z");
}

TEST_F(Scheduled, StartAndEndBoundWhatRecurs) {
    const auto ms = [](const char* time) { return std::to_string(*parse_iso8601(time) / 1'000); };
    EXPECT_EQ(
        put("rate", "rate(2 hours)", R"("MinCapacity":2)",
            R"(,"StartTime":)" + ms("2026-03-01T03:00:00Z") + R"(,"EndTime":)" + ms("2026-03-01T06:00:00Z")),
        ""
    );
    settle();
    EXPECT_EQ(again(), "2026-03-01T03:00:00.000Z");
    at("2026-03-01T03:00:00Z");
    EXPECT_EQ(again(), "2026-03-01T05:00:00.000Z");
    at("2026-03-01T05:00:00Z");
    EXPECT_EQ(again(), "never");
    EXPECT_EQ(activities().size(), 2u) << "the count is at the minimum already";
}

TEST_F(Scheduled, ADowntimeIsMadeUpForInOrder) {
    EXPECT_EQ(put("up", "cron(0 9 * * ? *)", R"("MinCapacity":3,"MaxCapacity":3)"), "");
    EXPECT_EQ(put("a-down", "cron(0 18 * * ? *)", R"("MinCapacity":1,"MaxCapacity":1)"), "");
    at("2026-03-11T19:00:00Z");
    EXPECT_EQ(desired(), 1);
    EXPECT_EQ(again(), "2026-03-12T09:00:00.000Z");
    EXPECT_EQ(activities().size(), 4u);
}

TEST_F(Scheduled, WhatFallsDueWhileSuspendedIsNotMadeUpFor) {
    EXPECT_EQ(put("up", "cron(0 9 * * ? *)", R"("MinCapacity":3)"), "");
    enroll(R"({"SuspendedState":{"ScheduledScalingSuspended":true}})");
    at("2026-03-01T09:00:00Z");
    EXPECT_EQ(desired(), 2);
    enroll(R"({"SuspendedState":{"ScheduledScalingSuspended":false,"DynamicScalingOutSuspended":true}})");
    at("2026-03-01T10:00:00Z");
    EXPECT_EQ(desired(), 2);
    at("2026-03-02T09:00:00Z");
    EXPECT_EQ(desired(), 3);
}

TEST_F(Scheduled, PutAgainItRunsAnew) {
    EXPECT_EQ(put("a", "cron(0 9 * * ? *)", R"("MinCapacity":3)"), "");
    at("2026-03-01T09:00:00Z");
    set_desired(2);
    turn.now = turn.now + minutes(5);
    EXPECT_EQ(put("a", "cron(0 9 * * ? *)", R"("MinCapacity":4)"), "");
    settle();
    EXPECT_EQ(desired(), 2);
    EXPECT_EQ(put("a", "at(2026-03-01T09:30:00)", R"("MinCapacity":4)"), "");
    at("2026-03-01T09:30:00Z");
    EXPECT_EQ(desired(), 4);
    ASSERT_TRUE(ask(delete_scheduled_action, R"({"ScheduledActionName":"a"})"));
    at("2026-03-02T09:30:00Z");
    EXPECT_EQ(again(), "never");
}

TEST_F(Scheduled, AServiceThatIsGoneIsTold) {
    EXPECT_EQ(put("a", "at(2026-03-01T09:30:00)", R"("MinCapacity":4)"), "");
    add_service("s", ecs::ServiceStatus::INACTIVE);
    at("2026-03-01T09:30:00Z");
    EXPECT_EQ(
        ask(describe_scaling_activities)->scaling_activities->front().status_message,
        "Failed to set min capacity to 4. Reason: ECS service doesn't exist: service/c/s"
    );
}

TEST_F(Scheduled, RefusesWhatNeverFires) {
    const auto starts = [](const std::string& text, const char* start) { return text.starts_with(start); };
    EXPECT_TRUE(starts(put("a", "cron(0 0 31 2 ? *)", R"("MinCapacity":1)"), "ValidationException: Invalid schedule"));
    EXPECT_TRUE(starts(put("a", "at(2026-02-28T00:00:00)", R"("MinCapacity":1)"), "ValidationException: Invalid schedule"));
    EXPECT_TRUE(starts(put("a", "at(2026-03-01T02:00:00)", R"("MinCapacity":1)", R"(,"Timezone":"Asia/Tokyo")"),
                       "ValidationException: Invalid schedule"));
    EXPECT_TRUE(starts(put("a", "rate(1 day)", R"("MinCapacity":1)", R"(,"Timezone":"Mars/Base")"),
                       "ValidationException: Invalid timezone"));
    EXPECT_TRUE(starts(put("a", "rate(1 day)", R"("MinCapacity":1)", R"(,"EndTime":1000000000)"),
                       "ValidationException: The end time"));
    EXPECT_TRUE(starts(put("a", "rate(1 day)", R"("MinCapacity":3,"MaxCapacity":2)"), "ValidationException: Maximum"));
    EXPECT_TRUE(starts(put("a", "rate(1 day)", ""), "ValidationException: At least one"));
}

TEST_F(Scheduled, LimitsThatAreRegisteredActAtOnceToo) {
    enroll(R"({"MinCapacity":3,"MaxCapacity":4})");
    EXPECT_EQ(desired(), 3);
    turn.now = turn.now + minutes(1);
    enroll(R"({"MinCapacity":0,"MaxCapacity":2})");
    EXPECT_EQ(desired(), 2);
    EXPECT_EQ(
        activities(),
        (std::vector<std::string>{
            "Setting desired count to 2. / maximum capacity was set to 2 / InProgress",
            "Setting desired count to 3. / minimum capacity was set to 3 / Overridden"})
    );
    set_desired(7);
    enroll(R"({"MinCapacity":0,"MaxCapacity":2})");
    EXPECT_EQ(desired(), 7) << "the limits are what they were";
}

}  // namespace
}  // namespace gantry::autoscaling::testing
