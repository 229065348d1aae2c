#include "scheduler/schedule_runs.h"

#include "scheduler/world_test.h"

namespace gantry::scheduler {
namespace {

using namespace testing;
using namespace std::chrono_literals;

TEST_F(SchedulerTest, AtStartsItsTaskOnce) {
    ask(create_schedule, schedule("at(2023-11-15T07:30:00)", R"(,"ScheduleExpressionTimezone":"Asia/Tokyo")"));
    settle();
    pass(1000s - 1ms);
    EXPECT_TRUE(tasks().empty());
    pass(1ms);
    ASSERT_EQ(tasks().size(), 1u);
    EXPECT_EQ(tasks().front()->started_by, "chronos-schedule/s");
    EXPECT_EQ(tasks().front()->tags.size(), 1u);
    EXPECT_EQ(tasks().front()->subnets.front(), subnet);
    pass(24h);
    EXPECT_EQ(tasks().size(), 1u);
    EXPECT_EQ(view().list<ScheduleRecord>().size(), 1u) << "it stays, unless it is to be deleted";
}

TEST_F(SchedulerTest, WhatHasCompletedIsDeletedIfItSaysSo) {
    ask(create_schedule, schedule("at(2023-11-14T22:30:00)", R"(,"ActionAfterCompletion":"DELETE")"));
    pass(1000s);
    EXPECT_EQ(tasks().size(), 1u);
    EXPECT_TRUE(view().list<ScheduleRecord>().empty());
}

TEST_F(SchedulerTest, ARateBeginsAtOnceOrAtItsStart) {
    ask(create_schedule, schedule("rate(10 minutes)"));
    settle();
    EXPECT_EQ(tasks().size(), 1u);
    pass(10min - 1ms);
    EXPECT_EQ(tasks().size(), 1u);
    pass(1ms);
    EXPECT_EQ(tasks().size(), 2u);
    ask(delete_schedule, R"({"Name":"s"})");
    const auto seconds = [&](Duration after) { return std::to_string((turn.now + after).ms / 1'000); };
    ask(create_schedule, schedule("rate(10 minutes)", R"(,"StartDate":)" + seconds(1h) + R"(,"EndDate":)" + seconds(1h + 15min)));
    pass(1h - 1s);
    EXPECT_EQ(tasks().size(), 2u);
    pass(1s);
    EXPECT_EQ(tasks().size(), 3u);
    pass(10min);
    EXPECT_EQ(tasks().size(), 4u);
    pass(10min);
    EXPECT_EQ(tasks().size(), 4u) << "the end date is past";
}

TEST_F(SchedulerTest, OfADowntimeTheLastRunIsMadeUpForUnlessItIsTooOld) {
    ask(create_schedule, schedule("cron(0 * * * ? *)"));
    settle();
    pass(10h);
    EXPECT_EQ(tasks().size(), 1u);
    std::string young = schedule("cron(0 * * * ? *)");
    young = R"j({"Name":"young","ScheduleExpression":"cron(0 12 * * ? *)","FlexibleTimeWindow":{"Mode":"OFF"},)j" +
            target(R"(,"RetryPolicy":{"MaximumEventAgeInSeconds":60})") + "}";
    ask(delete_schedule, R"({"Name":"s"})");
    ask(create_schedule, young);
    pass(24h);
    EXPECT_EQ(tasks().size(), 1u) << "its time is more than a minute past";
}

TEST_F(SchedulerTest, AFlexibleWindowIsKept) {
    ask(create_schedule,
        R"j({"Name":"s","ScheduleExpression":"cron(0 * * * ? *)","FlexibleTimeWindow":{"Mode":"FLEXIBLE","MaximumWindowInMinutes":15},)j" +
            target() + "}");
    settle();
    // 23:00, 0:00 …
    pass(2800s - 1ms);
    std::set<std::int64_t> minutes;
    for (int hour = 0; hour < 20; ++hour) {
        const auto before = tasks().size();
        for (int minute = 0; minute < 60; ++minute) {
            pass(1min);
            if (tasks().size() == before) continue;
            minutes.insert(minute);
            EXPECT_LT(minute, 15);
            pass(1min * (59 - minute));
            break;
        }
        ASSERT_EQ(tasks().size(), before + 1) << hour;
    }
    EXPECT_GT(minutes.size(), 3u);
}

TEST_F(SchedulerTest, DisabledItDoesNotRun) {
    ask(create_schedule, schedule("cron(0 * * * ? *)", R"(,"State":"DISABLED")"));
    pass(5h);
    EXPECT_TRUE(tasks().empty());
    ask(update_schedule, schedule("cron(0 * * * ? *)", R"(,"State":"ENABLED")"));
    settle();
    EXPECT_TRUE(tasks().empty()) << "what was due meanwhile is past";
    pass(1h);
    EXPECT_EQ(tasks().size(), 1u);
}

TEST_F(SchedulerTest, AnEventGoesToItsBus) {
    ask(eventbus::put_rule, R"({"Name":"r","EventPattern":"{\"source\":[\"shop\"]}"})");
    ask(eventbus::put_targets,
        R"({"Rule":"r","Targets":[{"Id":"l","Arn":"arn:aws:logs:us-east-1:123456789012:log-group:g"}]})");
    ask(create_schedule,
        R"j({"Name":"s","ScheduleExpression":"at(2023-11-14T22:30:00)","FlexibleTimeWindow":{"Mode":"OFF"},"Target":{
            "Arn":"arn:aws:events:us-east-1:123456789012:event-bus/default","RoleArn":"arn:aws:iam::123456789012:role/r",
            "EventBridgeParameters":{"Source":"shop","DetailType":"close"},"Input":"{\"at\":\"<aws.scheduler.scheduled-time>\"}"}})j");
    pass(1000s);
    const auto lines = view().list<events::LogDeliveryRecord>();
    ASSERT_EQ(lines.size(), 1u);
    const auto event = boost::json::parse(lines.front()->message);
    EXPECT_EQ(event.at("source"), "shop");
    EXPECT_EQ(event.at("detail").at("at"), "2023-11-14T22:30:00Z");
}

TEST_F(SchedulerTest, OverridesAreTheInput) {
    ask(create_schedule,
        R"j({"Name":"s","ScheduleExpression":"rate(1 day)","FlexibleTimeWindow":{"Mode":"OFF"},)j" +
            target(R"(,"Input":"{\"containerOverrides\":[{\"name\":\"main\",\"command\":[\"date\"]}]}")") + "}");
    settle();
    ASSERT_EQ(tasks().size(), 1u);
    EXPECT_EQ(tasks().front()->overrides.at("containerOverrides").at(0).at("command").at(0), "date");
}

}  // namespace
}  // namespace gantry::scheduler
