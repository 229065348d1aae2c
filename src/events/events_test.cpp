#include "events/world_test.h"

namespace gantry::events {
namespace {

using namespace testing;
using namespace std::chrono_literals;

TEST_F(EventsTest, ARateStartsTasksAtItsTimes) {
    ask(eventbus::put_rule, R"j({"Name":"r","ScheduleExpression":"rate(5 minutes)"})j");
    target_tasks(2, R"(,"Input":"{\"containerOverrides\":[{\"name\":\"main\",\"command\":[\"date\"]}]}")");
    settle();
    EXPECT_TRUE(tasks().empty());
    pass(5min - 1ms);
    settle();
    EXPECT_TRUE(tasks().empty());
    pass(1ms);
    settle();
    ASSERT_EQ(tasks().size(), 2u);
    const auto& task = *tasks().front();
    EXPECT_EQ(task.started_by, "events-rule/r");
    EXPECT_EQ(task.launch_type, "FARGATE");
    EXPECT_EQ(task.subnets.front(), subnet);
    EXPECT_EQ(task.tags.size(), 1u);
    EXPECT_EQ(task.overrides.at("containerOverrides").at(0).at("command").at(0), "date");
    pass(5min);
    settle();
    EXPECT_EQ(tasks().size(), 4u);
    EXPECT_TRUE(view().list<TaskDeliveryRecord>().empty());
}

TEST_F(EventsTest, ACronFiresOnItsMinute) {
    ask(eventbus::put_rule, R"j({"Name":"r","ScheduleExpression":"cron(15 22 * * ? *)"})j");
    target_tasks(1);
    pass(99s);
    settle();
    EXPECT_TRUE(tasks().empty());
    pass(1s);
    settle();
    EXPECT_EQ(tasks().size(), 1u);
}

TEST_F(EventsTest, OfTheRunsOfADowntimeTheLastIsMadeUpFor) {
    ask(eventbus::put_rule, R"j({"Name":"r","ScheduleExpression":"rate(1 minute)"})j");
    target_tasks(1);
    pass(10h);
    settle();
    EXPECT_EQ(tasks().size(), 1u);
    EXPECT_EQ(view().list<RuleRunRecord>().front()->fired, turn.now);
    pass(1min);
    settle();
    EXPECT_EQ(tasks().size(), 2u);
}

TEST_F(EventsTest, ARunOlderThanItsTargetTakesIsDropped) {
    ask(eventbus::put_rule, R"j({"Name":"r","ScheduleExpression":"cron(0 23 * * ? *)"})j");
    target_tasks(1, R"(,"RetryPolicy":{"MaximumEventAgeInSeconds":60})");
    pass(2h);
    settle();
    EXPECT_TRUE(tasks().empty());
    pass(22h + 46min + 40s + 30s);
    settle();
    EXPECT_EQ(tasks().size(), 1u);
}

TEST_F(EventsTest, ADisabledRuleFiresNotAndEnabledItsRateCountsFromThen) {
    ask(eventbus::put_rule, R"j({"Name":"r","ScheduleExpression":"rate(5 minutes)"})j");
    target_tasks(1);
    ask(eventbus::disable_rule, R"({"Name":"r"})");
    pass(1h);
    settle();
    ask(eventbus::enable_rule, R"({"Name":"r"})");
    settle();
    EXPECT_TRUE(tasks().empty());
    pass(5min);
    settle();
    EXPECT_EQ(tasks().size(), 1u);
    ask(eventbus::remove_targets, R"({"Rule":"r","Ids":["t"]})");
    ask(eventbus::delete_rule, R"({"Name":"r"})");
    settle();
    EXPECT_TRUE(view().list<RuleRunRecord>().empty());
}

TEST_F(EventsTest, WhatRunTaskRefusesIsDropped) {
    ask(eventbus::put_rule, R"j({"Name":"r","ScheduleExpression":"rate(1 minute)"})j");
    target_tasks(1);
    ask(ecs::delete_cluster, R"({"cluster":"c"})");
    pass(1min);
    settle();
    EXPECT_TRUE(tasks().empty());
    EXPECT_TRUE(view().list<TaskDeliveryRecord>().empty());
    EXPECT_EQ(reasons.back(), "rule r starts no task: The referenced cluster was inactive.");
}

TEST_F(EventsTest, WhatFindsNoRoomIsTriedAgainUntilItsRetriesAreUsedUp) {
    ask(eventbus::put_rule, R"j({"Name":"r","ScheduleExpression":"rate(1 day)"})j");
    target_tasks(1, R"(,"RetryPolicy":{"MaximumRetryAttempts":2})");
    write([&](state::Txn& txn) {
        ecs::WorkerRecord small;
        small.id = "w";
        small.connected = true;
        small.overcommit = false;
        small.architecture = "X86_64";
        txn.put(small);
    });
    pass(24h);
    settle();
    ASSERT_EQ(view().list<TaskDeliveryRecord>().size(), 1u);
    EXPECT_EQ(view().list<TaskDeliveryRecord>().front()->failed, 1);
    EXPECT_GT(view().list<TaskDeliveryRecord>().front()->next, turn.now);
    for (int i = 0; i < 2; ++i) {
        pass(1min);
        settle();
    }
    EXPECT_TRUE(view().list<TaskDeliveryRecord>().empty());
    EXPECT_TRUE(tasks().empty());
}

TEST_F(EventsTest, ATasksChangesReachALogGroup) {
    ask(eventbus::put_rule,
        R"j({"Name":"r","EventPattern":"{\"source\":[\"aws.ecs\"],\"detail-type\":[\"ECS Task State Change\"],\"detail\":{\"lastStatus\":[\"PROVISIONING\"],\"desiredStatus\":[\"STOPPED\"]}}"})j");
    ask(eventbus::put_targets,
        R"({"Rule":"r","Targets":[{"Id":"l","Arn":"arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/x:*"},)"
        R"({"Id":"m","Arn":"arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/x","InputTransformer":)"
        R"({"InputPathsMap":{"s":"$.detail.stopCode"},"InputTemplate":"{\"timestamp\": 5, \"message\": \"because <s>\"}"}}]})");
    const auto started = ask(
        ecs::run_task, R"({"cluster":"c","taskDefinition":"f","launchType":"FARGATE","networkConfiguration":{"awsvpcConfiguration":{"subnets":[")" +
                           subnet + R"("]}}})"
    );
    const auto arn = *started->tasks->front().task_arn;
    EXPECT_EQ(view().list<eventbus::EventRecord>().size(), 1u);
    ask(ecs::stop_task, R"({"cluster":"c","task":")" + arn + "\"}");
    settle();
    EXPECT_TRUE(view().list<eventbus::EventRecord>().empty());
    auto lines = view().list<LogDeliveryRecord>();
    ASSERT_EQ(lines.size(), 2u);
    if (lines[0]->stream != "r/l") std::swap(lines[0], lines[1]);
    EXPECT_EQ(lines[0]->group, "/aws/events/x");
    const auto event = boost::json::parse(lines[0]->message).as_object();
    EXPECT_EQ(event.at("source"), "aws.ecs");
    EXPECT_EQ(event.at("resources").at(0).as_string(), arn);
    const auto& detail = event.at("detail").as_object();
    EXPECT_EQ(detail.at("taskArn").as_string(), arn);
    EXPECT_EQ(detail.at("desiredStatus"), "STOPPED");
    EXPECT_EQ(detail.at("stopCode"), "UserInitiated");
    EXPECT_EQ(detail.at("version"), 2);
    EXPECT_EQ(detail.at("createdAt"), "2023-11-14T22:13:20.000Z");
    EXPECT_EQ(detail.at("attachments").at(0).at("type"), "eni");
    EXPECT_EQ(detail.at("containers").at(0).at("name"), "main");
    EXPECT_EQ(lines[1]->message, "because UserInitiated");
    EXPECT_EQ(lines[1]->timestamp_ms, 5);
}

TEST_F(EventsTest, WithoutARuleThatListensNoEventIsMade) {
    ask(ecs::run_task, R"({"cluster":"c","taskDefinition":"f","launchType":"FARGATE","networkConfiguration":{"awsvpcConfiguration":{"subnets":[")" +
                           subnet + R"("]}}})");
    EXPECT_TRUE(view().list<eventbus::EventRecord>().empty());
    EXPECT_EQ(tasks().front()->version, 1);
}

TEST_F(EventsTest, AnEventOfManyTargetsIsRoutedInSteps) {
    for (int i = 0; i < 60; ++i) {
        const std::string name = "r" + std::to_string(i);
        ask(eventbus::put_rule, R"({"Name":")" + name + R"(","EventPattern":"{\"source\":[\"app\"]}"})");
        ask(eventbus::put_targets, R"({"Rule":")" + name +
            R"(","Targets":[{"Id":"l","Arn":"arn:aws:logs:us-east-1:123456789012:log-group:x"},{"Id":"m","Arn":"arn:aws:logs:us-east-1:123456789012:log-group:x"}]})");
    }
    ask(eventbus::put_events, R"({"Entries":[{"Source":"app","DetailType":"t","Detail":"{}"}]})");
    settle();
    EXPECT_EQ(view().list<LogDeliveryRecord>().size(), 120u);
}

TEST_F(EventsTest, AServiceTellsOfItsDeployments) {
    ask(eventbus::put_rule, R"j({"Name":"r","EventPattern":"{\"detail-type\":[{\"prefix\":\"ECS \"}]}"})j");
    ask(ecs::create_service, R"({"cluster":"c","serviceName":"web","taskDefinition":"f","desiredCount":0,"launchType":"FARGATE",)"
        R"("networkConfiguration":{"awsvpcConfiguration":{"subnets":[")" + subnet + R"("]}}})");
    const auto events = view().list<eventbus::EventRecord>();
    ASSERT_EQ(events.size(), 1u);
    const auto event = boost::json::parse(events.front()->text).as_object();
    EXPECT_EQ(event.at("detail-type"), "ECS Deployment State Change");
    EXPECT_EQ(event.at("detail").at("eventName"), "SERVICE_DEPLOYMENT_IN_PROGRESS");
    EXPECT_TRUE(event.at("detail").at("deploymentId").as_string().starts_with("ecs-svc/"));
    EXPECT_EQ(event.at("resources").at(0), "arn:aws:ecs:us-east-1:123456789012:service/c/web");
}

}  // namespace
}  // namespace gantry::events
