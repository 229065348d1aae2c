#include "eventbus/state_fixture_test.h"

namespace gantry::eventbus {
namespace {

using namespace testing;
using Eventbus = EventbusTest;

constexpr const char* kLogTarget = R"j({"Id":"logs","Arn":"arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/x"})j";

std::string put_target(const std::string& target) { return R"j({"Rule":"r","Targets":[)j" + target + "]}"; }

TEST_F(Eventbus, ARuleIsDescribedAsItWasPut) {
    ASSERT_EQ(
        *ask(put_rule, R"j({"Name":"r","EventPattern":"{\"source\":[\"aws.ecs\"]}","Description":"d","RoleArn":"arn:r"})j")->rule_arn,
        "arn:aws:events:us-east-1:123456789012:rule/r"
    );
    const auto rule = ask(describe_rule, R"j({"Name":"r"})j");
    EXPECT_EQ(*rule->event_pattern, R"j({"source":["aws.ecs"]})j");
    EXPECT_EQ(*rule->state, "ENABLED");
    EXPECT_EQ(*rule->event_bus_name, "default");
    EXPECT_EQ(*rule->description, "d");
    EXPECT_FALSE(rule->schedule_expression);
    // Put as a whole: what is not given is gone.
    ASSERT_TRUE(ask(put_rule, R"j({"Name":"r","ScheduleExpression":"rate(1 hour)","State":"DISABLED"})j"));
    const auto after = ask(describe_rule, R"j({"Name":"r"})j");
    EXPECT_FALSE(after->event_pattern || after->description);
    EXPECT_EQ(*after->state, "DISABLED");
    ASSERT_TRUE(ask(enable_rule, R"j({"Name":"r"})j"));
    EXPECT_EQ(*ask(describe_rule, R"j({"Name":"r"})j")->state, "ENABLED");
    ASSERT_TRUE(ask(disable_rule, R"j({"Name":"r"})j"));
    EXPECT_EQ(*ask(list_rules)->rules->front().state, "DISABLED");
}

TEST_F(Eventbus, ScheduleThatNeverFiresIsRefused) {
    for (const char* schedule :
         {"cron(0 0 31 2 ? *)", "cron(0 12 * * ? 2020)", "rate(5 minute)", "rate(0 minutes)", "at(2030-01-01T00:00:00)",
          "cron(0 12 * * * *)", "every day", "cron(60 * * * ? *)"}) {
        EXPECT_EQ(
            refusal(ask(put_rule, std::string(R"j({"Name":"r","ScheduleExpression":")j") + schedule + "\"}")),
            "ValidationException: Parameter ScheduleExpression is not valid."
        ) << schedule;
    }
    EXPECT_EQ(
        refusal(ask(put_rule, R"j({"Name":"r"})j")),
        "ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified."
    );
    ASSERT_TRUE(ask(create_event_bus, R"j({"Name":"own"})j"));
    EXPECT_EQ(
        refusal(ask(put_rule, R"j({"Name":"r","EventBusName":"own","ScheduleExpression":"rate(1 minute)"})j")),
        "ValidationException: ScheduleExpression is supported only on the default event bus."
    );
}

TEST_F(Eventbus, TargetsComeAndGo) {
    EXPECT_EQ(
        refusal(ask(put_targets, put_target(kLogTarget))),
        "ResourceNotFoundException: Rule r does not exist on EventBus default."
    );
    ASSERT_TRUE(ask(put_rule, R"j({"Name":"r","ScheduleExpression":"rate(1 minute)"})j"));
    EXPECT_EQ(*ask(put_targets, put_target(kLogTarget))->failed_entry_count, 0);
    EXPECT_EQ(ask(list_targets_by_rule, R"j({"Rule":"r"})j")->targets->front().id, "logs");
    EXPECT_EQ(
        ask(list_rule_names_by_target,
            R"j({"TargetArn":"arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/x"})j")
            ->rule_names->front(),
        "r"
    );
    EXPECT_EQ(
        refusal(ask(delete_rule, R"j({"Name":"r"})j")),
        "ValidationException: Rule can't be deleted since it has targets."
    );
    const auto removed = ask(remove_targets, R"j({"Rule":"r","Ids":["logs","other"]})j");
    EXPECT_EQ(*removed->failed_entry_count, 1);
    EXPECT_EQ(*removed->failed_entries->front().target_id, "other");
    EXPECT_TRUE(ask(delete_rule, R"j({"Name":"r"})j"));
    EXPECT_TRUE(ask(delete_rule, R"j({"Name":"r"})j"));
}

TEST_F(Eventbus, TargetsThatCannotBeAreRefused) {
    ASSERT_TRUE(ask(put_rule, R"j({"Name":"r","ScheduleExpression":"rate(1 minute)"})j"));
    const auto refused = [&](const std::string& target) { return refusal(ask(put_targets, put_target(target))); };
    EXPECT_EQ(
        refused(R"j({"Id":"t","Arn":"nonsense"})j"),
        "ValidationException: Parameter nonsense is not valid. Reason: Provided Arn is not in correct format."
    );
    EXPECT_NE(refused(R"j({"Id":"t","Arn":"arn:aws:lambda:us-east-1:123456789012:function:f"})j").find("not deliver"), std::string::npos);
    const std::string ecs = R"j("Id":"t","Arn":"arn:aws:ecs:us-east-1:123456789012:cluster/c")j";
    const std::string task = R"j(,"EcsParameters":{"TaskDefinitionArn":"arn:aws:ecs:us-east-1:123456789012:task-definition/f"})j";
    EXPECT_EQ(refused("{" + ecs + "}"), "ValidationException: EcsParameters are required for target t.");
    EXPECT_EQ(
        refused("{" + ecs + task + "}"),
        "ValidationException: RoleArn is required for target arn:aws:ecs:us-east-1:123456789012:cluster/c."
    );
    const std::string log = R"j({"Id":"t","Arn":"arn:aws:logs:us-east-1:123456789012:log-group:g",)j";
    EXPECT_EQ(refused(log + R"j("Input":"{"})j"), "ValidationException: JSON syntax error in input for target t.");
    EXPECT_EQ(refused(log + R"j("InputPath":"detail"})j"), "ValidationException: InputPath for target t is invalid.");
    EXPECT_EQ(
        refused(log + R"j("Input":"1","InputPath":"$"})j"),
        "ValidationException: Only one of Input, InputPath, or InputTransformer must be provided for target t."
    );
    EXPECT_NE(refused(log + R"j("InputTransformer":{"InputTemplate":"\"<x>\""}})j").find("<x>"), std::string::npos);
    EXPECT_NE(
        refused(log + R"j("InputTransformer":{"InputPathsMap":{"x":"$.a"},"InputTemplate":"{<x>}"}})j").find("not valid JSON"),
        std::string::npos
    );
    EXPECT_NE(refused(log + R"j("DeadLetterConfig":{"Arn":"arn:aws:sqs:us-east-1:123456789012:q"}})j").find("dead-letter"), std::string::npos);
    std::string six;
    for (int i = 0; i < 6; ++i)
        six += std::string(i ? "," : "") + R"({"Id":")" + std::to_string(i) +
               R"(","Arn":"arn:aws:logs:us-east-1:123456789012:log-group:g"})";
    EXPECT_EQ(
        refused(six), "LimitExceededException: The requested resource exceeds the maximum number allowed."
    );
    EXPECT_TRUE(view().list<TargetRecord>().empty());
}

TEST_F(Eventbus, BusesAndTags) {
    EXPECT_EQ(*ask(describe_event_bus)->name, "default");
    EXPECT_EQ(ask(list_event_buses)->event_buses->size(), 1u);
    ASSERT_TRUE(ask(create_event_bus, R"j({"Name":"own","Tags":[{"Key":"k","Value":"v"}]})j"));
    EXPECT_EQ(
        refusal(ask(create_event_bus, R"j({"Name":"own"})j")),
        "ResourceAlreadyExistsException: Event bus own already exists."
    );
    EXPECT_EQ(
        refusal(ask(create_event_bus, R"j({"Name":"default"})j")),
        "ResourceAlreadyExistsException: Event bus default already exists."
    );
    EXPECT_EQ(ask(list_event_buses)->event_buses->size(), 2u);
    EXPECT_EQ(ask(list_event_buses, R"j({"NamePrefix":"o"})j")->event_buses->size(), 1u);
    const std::string arn = "arn:aws:events:us-east-1:123456789012:event-bus/own";
    EXPECT_EQ(ask(list_tags_for_resource, R"j({"ResourceARN":")j" + arn + "\"}")->tags->size(), 1u);
    ASSERT_TRUE(ask(put_rule, R"j({"Name":"r","EventBusName":"own","EventPattern":"{\"a\":[1]}","Tags":[{"Key":"k","Value":"v"}]})j"));
    const std::string rule = R"j({"ResourceARN":"arn:aws:events:us-east-1:123456789012:rule/own/r")j";
    ASSERT_TRUE(ask(tag_resource, rule + R"j(,"Tags":[{"Key":"l","Value":"w"}]})j"));
    ASSERT_TRUE(ask(untag_resource, rule + R"j(,"TagKeys":["k"]})j"));
    EXPECT_EQ(ask(list_tags_for_resource, rule + "}")->tags->front().key, "l");
    EXPECT_EQ(
        refusal(ask(delete_event_bus, R"j({"Name":"own"})j")),
        "ValidationException: Event bus own can't be deleted since it has rules."
    );
    EXPECT_EQ(
        refusal(ask(delete_event_bus, R"j({"Name":"default"})j")),
        "ValidationException: Cannot delete event bus default."
    );
    EXPECT_EQ(
        refusal(ask(put_rule, R"j({"Name":"r","EventBusName":"none","EventPattern":"{\"a\":[1]}"})j")),
        "ResourceNotFoundException: Event bus none does not exist."
    );
}

TEST_F(Eventbus, PagesOfRulesGoOnWhereTheyEnded) {
    for (const char* name : {"a", "b", "c"})
        ASSERT_TRUE(ask(put_rule, std::string(R"j({"ScheduleExpression":"rate(1 day)","Name":")j") + name + "\"}"));
    const auto first = ask(list_rules, R"j({"Limit":2})j");
    ASSERT_EQ(first->rules->size(), 2u);
    const auto rest = ask(list_rules, R"j({"NextToken":")j" + *first->next_token + "\"}");
    ASSERT_EQ(rest->rules->size(), 1u);
    EXPECT_EQ(*rest->rules->front().name, "c");
    EXPECT_FALSE(rest->next_token);
    EXPECT_FALSE(ask(list_rules, R"j({"NextToken":"!"})j"));
}

TEST_F(Eventbus, EventsAreKeptOnlyWhereARuleListens) {
    const std::string events =
        R"j({"Entries":[{"Source":"app","DetailType":"t","Detail":"{\"x\":1}"},{"Source":"app","DetailType":"t"},)j"
        R"j({"Source":"app","DetailType":"t","Detail":"nonsense"},{"Source":"aws.ecs","DetailType":"t","Detail":"{}"}]})j";
    const auto result = ask(put_events, events);
    EXPECT_EQ(*result->failed_entry_count, 3);
    EXPECT_TRUE(result->entries->at(0).event_id);
    EXPECT_EQ(*result->entries->at(1).error_code, "InvalidArgument");
    EXPECT_EQ(*result->entries->at(2).error_code, "MalformedDetail");
    EXPECT_EQ(*result->entries->at(3).error_code, "NotAuthorizedForSourceException");
    EXPECT_TRUE(view().list<EventRecord>().empty());
    ASSERT_TRUE(ask(put_rule, R"j({"Name":"r","EventPattern":"{\"source\":[\"app\"]}"})j"));
    ASSERT_TRUE(ask(put_events, events));
    ASSERT_EQ(view().list<EventRecord>().size(), 1u);
    const auto event = boost::json::parse(view().list<EventRecord>().front()->text).as_object();
    EXPECT_EQ(event.at("account"), "123456789012");
    EXPECT_EQ(event.at("region"), "us-east-1");
    EXPECT_EQ(event.at("time"), "2023-11-14T22:13:20Z");
    EXPECT_EQ(event.at("detail").at("x"), 1);
    ASSERT_TRUE(ask(disable_rule, R"j({"Name":"r"})j"));
    ASSERT_TRUE(ask(put_events, events));
    EXPECT_EQ(view().list<EventRecord>().size(), 1u);
}

TEST_F(Eventbus, PatternsAreTested) {
    const std::string event =
        R"j("Event":"{\"id\":\"1\",\"account\":\"1\",\"source\":\"a\",\"time\":\"t\",\"region\":\"r\",\"resources\":[],\"detail-type\":\"d\"}")j";
    EXPECT_TRUE(*ask(test_event_pattern, R"j({"EventPattern":"{\"source\":[\"a\"]}",)j" + event + "}")->result);
    EXPECT_FALSE(*ask(test_event_pattern, R"j({"EventPattern":"{\"source\":[\"b\"]}",)j" + event + "}")->result);
    EXPECT_EQ(
        refusal(ask(test_event_pattern, R"j({"EventPattern":"{\"source\":[\"b\"]}","Event":"{}"})j")),
        "ValidationException: Parameter Event is not valid."
    );
    EXPECT_FALSE(ask(test_event_pattern, R"j({"EventPattern":"{}",)j" + event + "}"));
}

}  // namespace
}  // namespace gantry::eventbus
