#include "scheduler/world_test.h"

namespace gantry::scheduler {
namespace {

using namespace testing;
using namespace std::chrono_literals;

TEST_F(SchedulerTest, ComesBackAsItWasPut) {
    const auto created = ask(create_schedule, schedule("rate(5 minutes)", R"(,"Description":"d","ClientToken":"t")"));
    EXPECT_EQ(created.schedule_arn, "arn:aws:scheduler:us-east-1:123456789012:schedule/default/s");
    auto found = ask(get_schedule, R"({"Name":"s"})");
    EXPECT_EQ(found.state, "ENABLED");
    EXPECT_EQ(found.schedule_expression_timezone, "UTC");
    EXPECT_EQ(found.action_after_completion, "NONE");
    EXPECT_EQ(found.group_name, "default");
    EXPECT_EQ(found.target->retry_policy->maximum_event_age_in_seconds, 86'400);
    EXPECT_EQ(found.target->retry_policy->maximum_retry_attempts, 185);
    EXPECT_EQ(found.target->ecs_parameters->task_count, 1);
    EXPECT_EQ(found.description, "d");
    // Put as a whole.
    turn.now = turn.now + 1min;
    ask(update_schedule, schedule("rate(7 minutes)", R"(,"State":"DISABLED")"));
    found = ask(get_schedule, R"({"Name":"s","GroupName":"default"})");
    EXPECT_FALSE(found.description);
    EXPECT_EQ(found.state, "DISABLED");
    EXPECT_EQ(found.last_modification_date->ms - found.creation_date->ms, 60'000);
    ask(delete_schedule, R"({"Name":"s"})");
    EXPECT_EQ(refused(get_schedule, R"({"Name":"s"})"), "ResourceNotFoundException: Schedule s does not exist.");
}

TEST_F(SchedulerTest, ATokenTellsARepeatedRequest) {
    ask(create_schedule, schedule("rate(5 minutes)", R"(,"ClientToken":"t")"));
    ask(create_schedule, schedule("rate(5 minutes)", R"(,"ClientToken":"t")"));
    EXPECT_EQ(
        refused(create_schedule, schedule("rate(5 minutes)", R"(,"ClientToken":"u")")),
        "ConflictException: Schedule s already exists."
    );
    ask(create_schedule_group, R"({"Name":"g","ClientToken":"t"})");
    ask(create_schedule_group, R"({"Name":"g","ClientToken":"t"})");
    EXPECT_EQ(
        refused(create_schedule_group, R"({"Name":"g"})"), "ConflictException: Schedule group g already exists."
    );
}

TEST_F(SchedulerTest, RefusesWhatCannotBe) {
    const auto given = [&](const std::string& expression, const std::string& more = "") {
        return refused(create_schedule, schedule(expression, more));
    };
    for (const char* bad : {"rate(0 minutes)", "rate(1 minutes)", "cron(0 0 31 2 ? *)", "cron(* * * * * *)", "at(2023-11-14T22:13:20)",
                            "at(2023-02-30T00:00:00)", "every(5 minutes)", "5"}) {
        EXPECT_EQ(given(bad), "ValidationException: Invalid Schedule Expression " + std::string(bad) + ".");
    }
    EXPECT_EQ(
        given("rate(1 day)", R"(,"ScheduleExpressionTimezone":"Mars/Base")"),
        "ValidationException: Invalid ScheduleExpressionTimezone Mars/Base."
    );
    EXPECT_EQ(
        given("rate(1 day)", R"(,"StartDate":1699999000)"),
        "ValidationException: The StartDate you specify cannot be earlier than 5 minutes ago."
    );
    EXPECT_TRUE(given("rate(1 day)", R"(,"EndDate":1699999000)").starts_with("ValidationException: The EndDate"));
    EXPECT_TRUE(given("rate(1 day)", R"(,"StartDate":1800000000,"EndDate":1700000500)")
                    .starts_with("ValidationException: The EndDate"));
    EXPECT_TRUE(given("rate(1 day)", R"(,"KmsKeyArn":"k")").starts_with("ValidationException: Gantry does not implement"));
    EXPECT_EQ(
        given("rate(1 day)", R"(,"GroupName":"none")"),
        "ResourceNotFoundException: Schedule group none does not exist."
    );
    const auto window = [&](const std::string& json) {
        return refused(
            create_schedule, R"j({"Name":"w","ScheduleExpression":"rate(1 day)","FlexibleTimeWindow":)j" + json + "," + target() + "}"
        );
    };
    EXPECT_TRUE(window(R"({"Mode":"FLEXIBLE"})").starts_with("ValidationException: MaximumWindowInMinutes must"));
    EXPECT_TRUE(window(R"({"Mode":"OFF","MaximumWindowInMinutes":5})")
                    .starts_with("ValidationException: MaximumWindowInMinutes cannot"));
    EXPECT_EQ(refused(update_schedule, R"j({"Name":"none","ScheduleExpression":"rate(1 day)","FlexibleTimeWindow":{"Mode":"OFF"},)j" + target() + "}"),
              "ResourceNotFoundException: Schedule none does not exist.");
    EXPECT_EQ(given("at(2024-01-01T00:00:00)", R"(,"StartDate":1,"EndDate":2)"), "") << "ignored";
    EXPECT_EQ(refused(delete_schedule, R"({"Name":"none"})"), "ResourceNotFoundException: Schedule none does not exist.");
}

TEST_F(SchedulerTest, RefusesTargetsThatItCannotCall) {
    const auto given = [&](const std::string& arn, const std::string& more = "") {
        return refused(
            create_schedule,
            R"j({"Name":"t","ScheduleExpression":"rate(1 day)","FlexibleTimeWindow":{"Mode":"OFF"},"Target":{"RoleArn":"arn:aws:iam::123456789012:role/r","Arn":")j" +
                arn + "\"" + more + "}}"
        );
    };
    const std::string cluster = "arn:aws:ecs:us-east-1:123456789012:cluster/c";
    const std::string bus = "arn:aws:events:us-east-1:123456789012:event-bus/default";
    EXPECT_EQ(given("c"), "ValidationException: Provided Arn is not in correct format. Parameter: c");
    EXPECT_TRUE(given("arn:aws:lambda:us-east-1:123456789012:function:f").starts_with("ValidationException: Gantry does not call"));
    EXPECT_TRUE(given("arn:aws:scheduler:::aws-sdk:ecs:runTask").starts_with("ValidationException: Gantry does not implement universal"));
    EXPECT_TRUE(given("arn:aws:ecs:us-west-2:123456789012:cluster/c").starts_with("ValidationException: Gantry does not call another"));
    EXPECT_TRUE(given(cluster).starts_with("ValidationException: EcsParameters"));
    EXPECT_TRUE(given(bus).starts_with("ValidationException: EventBridgeParameters"));
    EXPECT_TRUE(given(bus, R"(,"EventBridgeParameters":{"Source":"s","DetailType":"t"},"Input":"x")")
                    .starts_with("ValidationException: The Input"));
    const std::string ecs = R"(,"EcsParameters":{"TaskDefinitionArn":"arn:aws:ecs:us-east-1:123456789012:task-definition/f"})";
    EXPECT_TRUE(given(cluster, ecs + R"(,"Input":"x")").starts_with("ValidationException: Invalid target"));
    EXPECT_TRUE(given(cluster, ecs + R"(,"SqsParameters":{})").starts_with("ValidationException: The parameters"));
    EXPECT_TRUE(given(cluster, ecs + R"(,"DeadLetterConfig":{"Arn":"arn:aws:sqs:us-east-1:123456789012:q"})")
                    .starts_with("ValidationException: Gantry does not implement dead-letter"));
    EXPECT_TRUE(given(cluster, R"(,"EcsParameters":{"TaskDefinitionArn":"f"})")
                    .starts_with("ValidationException: Provided TaskDefinitionArn"));
    EXPECT_EQ(given(cluster, ecs), "");
}

TEST_F(SchedulerTest, ListsInPages) {
    ask(create_schedule_group, R"({"Name":"g"})");
    const auto put = [&](const std::string& name, const std::string& group, const std::string& state) {
        ask(create_schedule, R"({"Name":")" + name + R"(","GroupName":")" + group + R"(","State":")" + state +
                                 R"j(","ScheduleExpression":"rate(1 day)","FlexibleTimeWindow":{"Mode":"OFF"},)j" + target() + "}");
    };
    put("a1", "default", "ENABLED");
    put("a2", "g", "DISABLED");
    put("b1", "g", "ENABLED");
    const auto names = [&](const std::string& request) {
        std::string all;
        std::optional<std::string> token;
        do {
            std::string json = request;
            if (token) json.insert(json.size() - 1, std::string(json == "{}" ? "" : ",") + R"("NextToken":")" + *token + "\"");
            const auto page = ask(list_schedules, json);
            for (const auto& one : *page.schedules) all += *one.name + " ";
            all += "/";
            token = page.next_token;
        } while (token);
        return all;
    };
    EXPECT_EQ(names("{}"), "a1 a2 b1 /");
    EXPECT_EQ(names(R"({"MaxResults":2})"), "a1 a2 /b1 /");
    EXPECT_EQ(names(R"({"NamePrefix":"a"})"), "a1 a2 /");
    EXPECT_EQ(names(R"({"GroupName":"g","NamePrefix":"b"})"), "b1 /");
    EXPECT_EQ(names(R"({"State":"DISABLED"})"), "a2 /");
    EXPECT_EQ(refused(list_schedules, R"({"NextToken":"x"})"), "ValidationException: Invalid NextToken.");
    EXPECT_EQ(refused(list_schedules, R"({"GroupName":"none"})"), "ResourceNotFoundException: Schedule group none does not exist.");
    auto groups = ask(list_schedule_groups, R"({"MaxResults":1})");
    ASSERT_EQ(groups.schedule_groups->size(), 1u);
    EXPECT_EQ(groups.schedule_groups->front().name, "default");
    groups = ask(list_schedule_groups, R"({"NextToken":")" + *groups.next_token + R"("})");
    ASSERT_EQ(groups.schedule_groups->size(), 1u);
    EXPECT_EQ(groups.schedule_groups->front().name, "g");
    EXPECT_FALSE(groups.next_token);
}

TEST_F(SchedulerTest, AGroupTakesItsSchedulesAlong) {
    ask(create_schedule_group, R"({"Name":"g","Tags":[{"Key":"a","Value":"1"}]})");
    const std::string arn = R"({"ResourceArn":"arn:aws:scheduler:us-east-1:123456789012:schedule-group/g")";
    ask(tag_resource, arn + R"(,"Tags":[{"Key":"b","Value":"2"}]})");
    ask(untag_resource, arn + R"(,"TagKeys":["a"]})");
    EXPECT_EQ(ask(list_tags_for_resource, arn + "}").tags->size(), 1u);
    for (int i = 0; i < 150; ++i) {
        ask(create_schedule, R"({"Name":"s)" + std::to_string(i) +
                                 R"j(","GroupName":"g","ScheduleExpression":"rate(1 day)","FlexibleTimeWindow":{"Mode":"OFF"},)j" + target() + "}");
    }
    ask(delete_schedule_group, R"({"Name":"g"})");
    EXPECT_EQ(ask(get_schedule_group, R"({"Name":"g"})").state, "DELETING");
    EXPECT_TRUE(refused(create_schedule, schedule("rate(1 day)", R"(,"GroupName":"g")")).starts_with("ConflictException"));
    EXPECT_TRUE(refused(get_schedule, R"({"Name":"s1","GroupName":"g"})").starts_with("ResourceNotFoundException"));
    settle();
    EXPECT_TRUE(tasks().empty()) << "none fires any more";
    EXPECT_TRUE(view().list<ScheduleRecord>().empty());
    EXPECT_EQ(refused(get_schedule_group, R"({"Name":"g"})"), "ResourceNotFoundException: Schedule group g does not exist.");
    EXPECT_TRUE(refused(delete_schedule_group, R"({"Name":"default"})").starts_with("ValidationException"));
    EXPECT_TRUE(refused(tag_resource, R"({"ResourceArn":"arn:x","Tags":[]})").starts_with("ResourceNotFoundException"));
}

}  // namespace
}  // namespace gantry::scheduler
