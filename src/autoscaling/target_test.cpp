#include "autoscaling/state_fixture_test.h"

namespace gantry::autoscaling::testing {
namespace {

using Targets = AutoscalingTest;

constexpr const char* kUnsupported =
    "ValidationException: Unsupported service namespace, resource type or scalable dimension";
constexpr const char* kLinkedRole =
    "arn:aws:iam::123456789012:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_ECSService";

std::string daily(const std::string& name) {
    return R"j({"Schedule":"rate(1 day)","ScalableTargetAction":{"MinCapacity":1},"ScheduledActionName":")j" +
           name + R"("})";
}

TEST_F(Targets, ComeBackAsTheyWereRegistered) {
    const auto arn = enroll(R"({"MinCapacity":2,"MaxCapacity":12,"Tags":{"k":"v"}})");
    EXPECT_TRUE(arn.starts_with("arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/"));
    const auto found = target();
    EXPECT_EQ(found.scalable_target_arn, arn);
    EXPECT_EQ(found.min_capacity, 2);
    EXPECT_EQ(found.max_capacity, 12);
    EXPECT_EQ(found.role_arn, kLinkedRole);
    EXPECT_EQ(found.suspended_state->dynamic_scaling_in_suspended, false);
    EXPECT_EQ(ask(list_tags_for_resource, R"({"ResourceARN":")" + arn + R"("})")->tags->at("k"), "v");
}

TEST_F(Targets, RegisteredAgainChangeWhatIsGivenOnly) {
    const auto arn = enroll();
    EXPECT_EQ(enroll(R"({"MaxCapacity":10,"SuspendedState":{"DynamicScalingInSuspended":true}})"), arn);
    EXPECT_EQ(enroll(R"({"SuspendedState":{"ScheduledScalingSuspended":true},"Tags":{"k":"v"}})"), arn);
    const auto found = target();
    EXPECT_EQ(found.min_capacity, 2);
    EXPECT_EQ(found.max_capacity, 10);
    EXPECT_EQ(found.suspended_state->dynamic_scaling_in_suspended, true);
    EXPECT_EQ(found.suspended_state->dynamic_scaling_out_suspended, false);
    EXPECT_EQ(found.suspended_state->scheduled_scaling_suspended, true);
    EXPECT_TRUE(ask(list_tags_for_resource, R"({"ResourceARN":")" + arn + R"("})")->tags->empty());
    enroll(R"({"RoleARN":"arn:aws:iam::123456789012:role/mine"})");
    EXPECT_EQ(target().role_arn, "arn:aws:iam::123456789012:role/mine");
}

TEST_F(Targets, RefuseWhatCannotBe) {
    const auto given = [&](std::string_view more) { return refused(register_scalable_target, more); };
    EXPECT_EQ(
        given(R"({"MinCapacity":3,"MaxCapacity":2})"),
        "ValidationException: Maximum capacity cannot be less than minimum capacity"
    );
    EXPECT_TRUE(given(R"({"MinCapacity":3})").starts_with("ValidationException: MinCapacity and MaxCapacity")
    );
    EXPECT_TRUE(given(R"({"MinCapacity":-1,"MaxCapacity":2})").starts_with("ValidationException: MinCapacity")
    );
    EXPECT_EQ(
        given(R"({"MinCapacity":1,"MaxCapacity":2,"ResourceId":"service/c/none"})"),
        "ValidationException: ECS service doesn't exist: service/c/none"
    );
    add_service("gone", ecs::ServiceStatus::INACTIVE);
    EXPECT_EQ(
        given(R"({"MinCapacity":1,"MaxCapacity":2,"ResourceId":"service/c/gone"})"),
        "ValidationException: ECS service doesn't exist: service/c/gone"
    );
    for (const char* id :
         {"s", "service/s", "service/c/s/t", "service//s", "cluster/c/s", "service/c/", "service/c/a b"})
        EXPECT_EQ(
            given(R"({"MinCapacity":1,"MaxCapacity":2,"ResourceId":")" + std::string(id) + R"("})"),
            kUnsupported
        ) << id;
    EXPECT_EQ(given(R"({"ScalableDimension":"dynamodb:table:ReadCapacityUnits"})"), kUnsupported);
    EXPECT_TRUE(
        given(
            R"({"ServiceNamespace":"dynamodb","ScalableDimension":"dynamodb:table:ReadCapacityUnits","ResourceId":"table/t"})"
        )
            .starts_with("ValidationException: Gantry does not scale dynamodb:table:ReadCapacityUnits yet")
    );
    EXPECT_TRUE(given(R"({"MinCapacity":1,"MaxCapacity":2,"RoleARN":"x"})")
                    .starts_with("ValidationException: Invalid IAM role"));
    EXPECT_TRUE(given(R"({"MinCapacity":1,"MaxCapacity":2,"Tags":{"aws:x":"y"}})")
                    .starts_with("ValidationException: Tag keys"));
    EXPECT_FALSE(target().scalable_target_arn);
}

TEST_F(Targets, OtherNamespacesHaveNone) {
    enroll();
    EXPECT_TRUE(ask(describe_scalable_targets, R"({"ServiceNamespace":"dynamodb","ScalableDimension":null})")
                    ->scalable_targets->empty());
    EXPECT_EQ(ask(describe_scalable_targets, R"({"ScalableDimension":null})")->scalable_targets->size(), 1u);
    EXPECT_TRUE(
        ask(describe_scalable_targets, R"({"ResourceIds":["service/c/other"]})")->scalable_targets->empty()
    );
}

TEST_F(Targets, Pages) {
    for (const char* name : {"t", "u", "v"}) {
        add_service(name);
        enroll(R"({"MinCapacity":1,"MaxCapacity":2,"ResourceId":"service/c/)" + std::string(name) + R"("})");
    }
    const auto first = ask(describe_scalable_targets, R"({"MaxResults":2})");
    ASSERT_TRUE(first->next_token);
    const auto second = ask(describe_scalable_targets, R"({"NextToken":")" + *first->next_token + R"("})");
    EXPECT_EQ(first->scalable_targets->size() + second->scalable_targets->size(), 3u);
    EXPECT_FALSE(second->next_token);
    EXPECT_TRUE(
        refused(describe_scalable_targets, R"({"NextToken":"x"})").starts_with("InvalidNextTokenException")
    );
    EXPECT_TRUE(refused(describe_scalable_targets, R"({"MaxResults":51})").starts_with("ValidationException")
    );
}

TEST_F(Targets, TagsComeAndGo) {
    const auto arn = enroll();
    const std::string named = R"({"ResourceARN":")" + arn + "\"";
    ASSERT_TRUE(ask(tag_resource, named + R"(,"Tags":{"a":"1","b":"2"}})"));
    ASSERT_TRUE(ask(untag_resource, named + R"(,"TagKeys":["a","z"]})"));
    const auto tags = ask(list_tags_for_resource, named + "}");
    EXPECT_EQ(tags->tags->size(), 1u);
    EXPECT_TRUE(
        refused(list_tags_for_resource, R"({"ResourceARN":"arn:x"})").starts_with("ResourceNotFoundException")
    );
    std::string many;
    for (int i = 0; i < 50; ++i) many += (i ? ",\"t" : "\"t") + std::to_string(i) + "\":\"\"";
    EXPECT_TRUE(
        refused(tag_resource, named + R"(,"Tags":{)" + many + "}}").starts_with("TooManyTagsException")
    );
}

TEST_F(Targets, TakeTheirPoliciesAlarmsAndActionsAlong) {
    enroll();
    ASSERT_TRUE(put_step("up"));
    ASSERT_TRUE(put_tracking("cpu"));
    ASSERT_TRUE(ask(put_scheduled_action, daily("night")));
    EXPECT_EQ(alarms().size(), 2u);
    ASSERT_TRUE(ask(deregister_scalable_target));
    EXPECT_TRUE(policies().empty());
    EXPECT_TRUE(alarms().empty());
    EXPECT_TRUE(ask(describe_scheduled_actions)->scheduled_actions->empty());
    EXPECT_EQ(
        refused(deregister_scalable_target),
        "ObjectNotFoundException: No scalable target found for service namespace: ecs, resource ID: "
        "service/c/s, scalable dimension: ecs:service:DesiredCount"
    );
}

TEST_F(Targets, MoreThanATransactionHoldsIsErasedInSteps) {
    enroll();
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(put_step("p" + std::to_string(i)));
    for (int i = 0; i < 80; ++i) {
        ASSERT_TRUE(ask(put_scheduled_action, daily("a" + std::to_string(i))));
    }
    ASSERT_TRUE(ask(deregister_scalable_target));
    // What is left belongs to nothing, also when the service is registered again.
    enroll();
    EXPECT_TRUE(policies().empty());
    EXPECT_TRUE(ask(describe_scheduled_actions)->scheduled_actions->empty());
    ASSERT_TRUE(put_step("p1"));
    const RemovalController controller;
    const auto key = TargetRecord::key(caller.scope(), "service/c/s");
    for (int round = 0; round < 5; ++round)
        write([&](state::Txn& txn) { txn.apply(controller.reconcile(txn, key, turn)); });
    EXPECT_TRUE(controller.reconcile(state::View(database), key, turn).actions().empty());
    EXPECT_EQ(state::View(database).list<PolicyRecord>().size(), 1u);
    EXPECT_TRUE(state::View(database).list<ScheduledActionRecord>().empty());
    EXPECT_EQ(policies().size(), 1u);
}

TEST_F(Targets, ActivitiesAreShownNewestFirstAndExpire) {
    EXPECT_TRUE(ask(describe_scaling_activities)->scaling_activities->empty());
    ActivityRecord activity;
    activity.account = caller.account;
    activity.region = caller.region;
    activity.resource = "service/c/s";
    activity.status = "Successful";
    for (const char* id : {"a", "b", "c"}) {
        activity.id = id;
        activity.start = turn.now;
        if (activity.id == "c") activity.not_scaled.emplace_back().code = "AlreadyAtMaxCapacity";
        write([&](state::Txn& txn) { txn.put(activity); });
        turn.now.ms += 1'000;
    }
    const auto shown = ask(describe_scaling_activities);
    ASSERT_EQ(shown->scaling_activities->size(), 2u);
    EXPECT_EQ(shown->scaling_activities->front().activity_id, "b");
    EXPECT_EQ(
        ask(describe_scaling_activities, R"({"IncludeNotScaledActivities":true})")
            ->scaling_activities->size(),
        3u
    );
    EXPECT_TRUE(
        ask(describe_scaling_activities, R"({"ResourceId":"service/c/t"})")->scaling_activities->empty()
    );
    const ActivityExpiry expiry;
    const auto plan = [&] { return expiry.reconcile(state::View(database), "all", turn); };
    EXPECT_TRUE(plan().actions().empty());
    turn.now = turn.now + kActivitiesKept - Duration(2'000);
    write([&](state::Txn& txn) { txn.apply(plan()); });
    EXPECT_EQ(state::View(database).list<ActivityRecord>().size(), 1u);
    EXPECT_TRUE(plan().actions().empty());
    EXPECT_TRUE(plan().policy_again());
}

}  // namespace
}  // namespace gantry::autoscaling::testing
