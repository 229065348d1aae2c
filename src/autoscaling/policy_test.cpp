#include "autoscaling/state_fixture_test.h"

namespace gantry::autoscaling::testing {
namespace {

class Policies : public AutoscalingTest {
  protected:
    void SetUp() override { enroll(); }

    std::string step_refused(std::string_view steps) {
        const auto result = put_step("p", steps);
        return result ? std::string() : result.error().message;
    }
    std::string refused_with(std::string_view configuration) {
        return refused(put_scaling_policy, R"({"PolicyName":"p",)" + std::string(configuration) + "}");
    }
    cloudwatch::AlarmRecord alarm(const std::string& part) {
        for (const auto& name : alarms()) {
            if (name.find(part) != std::string::npos)
                return *state::View(database).get<cloudwatch::AlarmRecord>(caller.scope() + name);
        }
        return {};
    }
};

TEST_F(Policies, KeepTheirArnAndComeBackAsSent) {
    const auto first = put_step("scale_up");
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->policy_arn->starts_with("arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:"));
    EXPECT_TRUE(first->policy_arn->ends_with(":resource/ecs/service/c/s:policyName/scale_up"));
    EXPECT_TRUE(first->alarms->empty());
    const auto found = policies(R"({"PolicyNames":["scale_up"]})");
    ASSERT_EQ(found.size(), 1u);
    const auto& step = *found[0].step_scaling_policy_configuration;
    EXPECT_FALSE(step.cooldown);
    EXPECT_FALSE(step.metric_aggregation_type);
    EXPECT_EQ(step.step_adjustments->at(0).metric_interval_lower_bound, 0.0);
    EXPECT_FALSE(step.step_adjustments->at(0).metric_interval_upper_bound);
    // A part of it, as documented.
    const auto second =
        ask(put_scaling_policy,
            R"({"PolicyName":"scale_up","StepScalingPolicyConfiguration":{"Cooldown":300}})");
    EXPECT_EQ(second->policy_arn, first->policy_arn);
    const auto changed = policies()[0].step_scaling_policy_configuration;
    EXPECT_EQ(changed->cooldown, 300);
    EXPECT_EQ(changed->step_adjustments->size(), 1u);
    EXPECT_TRUE(policies(R"({"PolicyNames":["other"]})").empty());
    EXPECT_TRUE(policies(R"({"ResourceId":"service/c/t"})").empty());
}

TEST_F(Policies, AlarmsThatActOnThemAreTheirs) {
    const auto put = put_step("scale_up");
    shapes::cloudwatch::PutMetricAlarmRequest request;
    request.alarm_name = "cpu_high";
    request.comparison_operator = "GreaterThanOrEqualToThreshold";
    request.evaluation_periods = 2;
    request.metric_name = "CPUUtilization";
    request.namespace_ = "AWS/ECS";
    request.period = 60;
    request.statistic = "Average";
    request.threshold = 60;
    request.alarm_actions.emplace().push_back(*put->policy_arn);
    write([&](state::Txn& txn) { ASSERT_TRUE(cloudwatch::put_metric_alarm(txn, request, caller)); });
    const auto found = policies()[0].alarms;
    ASSERT_EQ(found->size(), 1u);
    EXPECT_EQ(found->at(0).alarm_name, "cpu_high");
    EXPECT_EQ(found->at(0).alarm_arn, "arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu_high");
    // It is not the policy's own.
    ASSERT_TRUE(ask(delete_scaling_policy, R"({"PolicyName":"scale_up"})"));
    EXPECT_EQ(alarms().size(), 1u);
}

TEST_F(Policies, StepsHaveNeitherGapNorOverlap) {
    EXPECT_EQ(step_refused(R"([{"MetricIntervalUpperBound":0,"ScalingAdjustment":-1}])"), "");
    EXPECT_EQ(
        step_refused(R"([{"MetricIntervalLowerBound":10,"ScalingAdjustment":2},
                         {"MetricIntervalLowerBound":0,"MetricIntervalUpperBound":10,"ScalingAdjustment":1}])"
        ),
        ""
    );
    EXPECT_EQ(
        step_refused(R"([{"MetricIntervalUpperBound":-10,"ScalingAdjustment":-2},
                         {"MetricIntervalLowerBound":-10,"MetricIntervalUpperBound":0,"ScalingAdjustment":-1}])"
        ),
        ""
    );
    EXPECT_EQ(step_refused("[]"), "At least one StepAdjustment must be specified");
    EXPECT_EQ(
        step_refused(R"([{"ScalingAdjustment":1}])"),
        "Both lower and upper bounds of a step adjustment cannot be left unspecified"
    );
    EXPECT_EQ(
        step_refused(R"([{"MetricIntervalLowerBound":0,"MetricIntervalUpperBound":10,"ScalingAdjustment":1},
                         {"MetricIntervalLowerBound":5,"ScalingAdjustment":2}])"),
        "StepAdjustment intervals can't overlap"
    );
    EXPECT_EQ(
        step_refused(R"([{"MetricIntervalLowerBound":0,"MetricIntervalUpperBound":10,"ScalingAdjustment":1},
                         {"MetricIntervalLowerBound":20,"ScalingAdjustment":2}])"),
        "StepAdjustment intervals can't have gaps between them"
    );
    EXPECT_EQ(
        step_refused(
            R"([{"MetricIntervalLowerBound":0,"ScalingAdjustment":1},{"MetricIntervalLowerBound":5,"ScalingAdjustment":1}])"
        ),
        "At most one StepAdjustment may have an unspecified upper bound"
    );
    EXPECT_EQ(
        step_refused(
            R"([{"MetricIntervalUpperBound":0,"ScalingAdjustment":1},{"MetricIntervalUpperBound":5,"ScalingAdjustment":1}])"
        ),
        "At most one StepAdjustment may have an unspecified lower bound"
    );
    EXPECT_EQ(
        step_refused(R"([{"MetricIntervalLowerBound":1,"MetricIntervalUpperBound":2,"ScalingAdjustment":1}])"
        ),
        "There must be a StepAdjustment with an unspecified upper bound (i.e., upper bound is null) when one "
        "StepAdjustment has a positive upper bound"
    );
    EXPECT_EQ(
        step_refused(
            R"([{"MetricIntervalLowerBound":-2,"MetricIntervalUpperBound":-1,"ScalingAdjustment":1}])"
        ),
        "There must be a StepAdjustment with an unspecified lower bound (i.e., lower bound is null) when one "
        "StepAdjustment has a negative lower bound"
    );
    EXPECT_EQ(
        step_refused(R"([{"MetricIntervalLowerBound":5,"MetricIntervalUpperBound":5,"ScalingAdjustment":1}])"
        ),
        "The lower bound of a step adjustment must be less than its upper bound"
    );
    std::string many = "[";
    for (int i = 0; i < 21; ++i) {
        many += R"({"MetricIntervalLowerBound":)" + std::to_string(i) + R"(,"ScalingAdjustment":1)" +
                (i < 20 ? ",\"MetricIntervalUpperBound\":" + std::to_string(i + 1) + "}," : "}]");
    }
    EXPECT_EQ(step_refused(many), "There can be at most 20 step adjustments per scaling policy");
}

TEST_F(Policies, RefuseWhatMakesNoSense) {
    const auto step = [&](std::string_view more, std::string_view type = "ChangeInCapacity",
                          std::string_view by = "1") {
        return refused_with(
            R"("PolicyType":"StepScaling","StepScalingPolicyConfiguration":{"AdjustmentType":")" +
            std::string(type) + R"(","StepAdjustments":[{"MetricIntervalLowerBound":0,"ScalingAdjustment":)" +
            std::string(by) + "}]" + std::string(more) + "}"
        );
    };
    EXPECT_EQ(step(""), "");
    EXPECT_EQ(step(R"(,"MinAdjustmentMagnitude":2)", "PercentChangeInCapacity", "10"), "");
    EXPECT_TRUE(step(R"(,"MinAdjustmentMagnitude":2)")
                    .starts_with("ValidationException: MinAdjustmentMagnitude can only"));
    EXPECT_TRUE(step(R"(,"MinAdjustmentMagnitude":0)", "PercentChangeInCapacity")
                    .starts_with("ValidationException: MinAdj"));
    EXPECT_TRUE(step(R"(,"Cooldown":-1)").starts_with("ValidationException: Cooldown"));
    EXPECT_TRUE(step("", "ExactCapacity", "-1").starts_with("ValidationException: ScalingAdjustment"));
    ASSERT_TRUE(ask(delete_scaling_policy, R"({"PolicyName":"p"})"));
    EXPECT_TRUE(
        refused_with(R"("StepScalingPolicyConfiguration":{})").starts_with("ValidationException: PolicyType")
    );
    EXPECT_TRUE(refused_with(R"("PolicyType":"StepScaling")")
                    .starts_with("ValidationException: StepScalingPolicyConf"));
    EXPECT_TRUE(refused_with(R"("PolicyType":"StepScaling","StepScalingPolicyConfiguration":{})")
                    .starts_with("ValidationException: AdjustmentType"));
    EXPECT_TRUE(refused_with(R"("PolicyType":"PredictiveScaling")")
                    .starts_with("ValidationException: Gantry does not implement"));
    EXPECT_TRUE(
        refused_with(
            R"("PolicyType":"TargetTrackingScaling","TargetTrackingScalingPolicyConfiguration":{"TargetValue":50})"
        )
            .starts_with("ValidationException: Exactly one of Predefined")
    );
    const auto tracking = [&](std::string_view metric) {
        return refused_with(
            R"("PolicyType":"TargetTrackingScaling","TargetTrackingScalingPolicyConfiguration":{"TargetValue":50,)" +
            std::string(metric) + "}"
        );
    };
    const auto predefined = [&](std::string_view metric) {
        return tracking(
            R"("PredefinedMetricSpecification":{"PredefinedMetricType":)" + std::string(metric) + "}"
        );
    };
    EXPECT_TRUE(predefined(R"("RDSReaderAverageCPUUtilization")")
                    .starts_with("ValidationException: The predefined metric"));
    EXPECT_TRUE(
        predefined(R"("ALBRequestCountPerTarget")").starts_with("ValidationException: ResourceLabel must")
    );
    EXPECT_TRUE(predefined(R"("ALBRequestCountPerTarget","ResourceLabel":"app/x")")
                    .starts_with("ValidationException: ResourceLabel must"));
    EXPECT_TRUE(predefined(R"("ECSServiceAverageCPUUtilization","ResourceLabel":"x")")
                    .starts_with("ValidationException: ResourceLabel cannot"));
    EXPECT_TRUE(tracking(R"("CustomizedMetricSpecification":{"MetricName":"m"})")
                    .starts_with("ValidationException: MetricName, Namespace"));
    EXPECT_TRUE(
        tracking(
            R"("CustomizedMetricSpecification":{"Metrics":[{"Id":"a","Expression":"b"},{"Id":"b","Expression":"a"}]})"
        )
            .starts_with("ValidationException: Exactly one element")
    );
    EXPECT_TRUE(tracking(R"("CustomizedMetricSpecification":{"Metrics":[{"Id":"a"}]})")
                    .starts_with("ValidationException: Exactly one of MetricStat"));
    EXPECT_TRUE(policies().empty());
    EXPECT_TRUE(alarms().empty());
    EXPECT_EQ(
        refused(
            put_scaling_policy, R"({"PolicyName":"p","PolicyType":"StepScaling","ResourceId":"service/c/t"})"
        ),
        "ObjectNotFoundException: No scalable target registered for service namespace: ecs, resource ID: "
        "service/c/t, scalable dimension: ecs:service:DesiredCount"
    );
    EXPECT_EQ(
        refused(delete_scaling_policy, R"({"PolicyName":"p"})"),
        "ObjectNotFoundException: No scaling policy found for service namespace: ecs, resource ID: "
        "service/c/s, scalable dimension: ecs:service:DesiredCount, policy name: p"
    );
}

TEST_F(Policies, TrackingOwnsItsAlarms) {
    const auto put = put_tracking("cpu");
    ASSERT_TRUE(put);
    ASSERT_EQ(put->alarms->size(), 2u);
    const auto high = alarm("-AlarmHigh-");
    EXPECT_TRUE(high.definition.alarm_name.starts_with("TargetTracking-service/c/s-AlarmHigh-"));
    EXPECT_EQ(high.definition.threshold, 75.0);
    EXPECT_EQ(high.definition.comparison_operator, "GreaterThanThreshold");
    EXPECT_EQ(high.definition.evaluation_periods, 3);
    EXPECT_EQ(high.definition.metric_name, "CPUUtilization");
    EXPECT_EQ(high.definition.dimensions->at(1).value, "s");
    EXPECT_EQ(high.definition.alarm_actions->at(0), put->policy_arn);
    const auto low = alarm("-AlarmLow-");
    EXPECT_EQ(low.definition.threshold, 67.5);
    EXPECT_EQ(low.definition.evaluation_periods, 15);
    EXPECT_EQ(policies()[0].alarms->size(), 2u);

    // Put again they keep their names; without scale-in there is no low one.
    const auto again = put_tracking("cpu", R"(,"DisableScaleIn":true)");
    EXPECT_EQ(again->policy_arn, put->policy_arn);
    ASSERT_EQ(alarms().size(), 1u);
    EXPECT_EQ(alarms()[0], high.definition.alarm_name);
    EXPECT_EQ(
        put_tracking("other").error().message,
        "Only one TargetTrackingScaling policy for a given metric specification is allowed."
    );
    ASSERT_TRUE(put_step("cpu"));
    EXPECT_TRUE(alarms().empty());
    EXPECT_FALSE(policies()[0].target_tracking_scaling_policy_configuration);
    ASSERT_TRUE(put_tracking("cpu"));
    ASSERT_TRUE(ask(delete_scaling_policy, R"({"PolicyName":"cpu"})"));
    EXPECT_TRUE(alarms().empty());
}

TEST_F(Policies, TrackingOtherMetrics) {
    const auto track = [&](std::string_view metric) {
        const auto put = ask(
            put_scaling_policy,
            R"({"PolicyName":"p","PolicyType":"TargetTrackingScaling","TargetTrackingScalingPolicyConfiguration":{"TargetValue":100,)" +
                std::string(metric) + "}}"
        );
        EXPECT_TRUE(put) << (put ? "" : put.error().message);
    };
    track(
        R"("PredefinedMetricSpecification":{"PredefinedMetricType":"ALBRequestCountPerTarget","ResourceLabel":"app/lb/0a/targetgroup/tg/1b"})"
    );
    EXPECT_EQ(alarm("High").definition.namespace_, "AWS/ApplicationELB");
    EXPECT_EQ(alarm("High").definition.dimensions->at(0).value, "targetgroup/tg/1b");
    EXPECT_EQ(alarm("High").definition.dimensions->at(1).value, "app/lb/0a");
    track(
        R"("CustomizedMetricSpecification":{"MetricName":"m","Namespace":"n","Statistic":"Maximum","Dimensions":[{"Name":"a","Value":"b"}]})"
    );
    EXPECT_EQ(alarm("Low").definition.statistic, "Maximum");
    EXPECT_EQ(alarm("Low").definition.dimensions->at(0).name, "a");
    track(R"("CustomizedMetricSpecification":{"Metrics":[
        {"Id":"m","ReturnData":false,"MetricStat":{"Stat":"Sum","Metric":{"MetricName":"q","Namespace":"n"}}},
        {"Id":"e","Expression":"m / 2"}]})");
    EXPECT_EQ(alarm("High").definition.metrics->size(), 2u);
    EXPECT_EQ(alarm("High").definition.metrics->at(0).metric_stat->period, 60);
    EXPECT_EQ(alarms().size(), 2u);
}

TEST_F(Policies, LongNamesAreCutToAnAlarmsLength) {
    const std::string service(255, 'x');
    add_service(service);
    const std::string resource = R"({"ResourceId":"service/c/)" + service + "\"";
    enroll(resource + R"(,"MinCapacity":1,"MaxCapacity":2})");
    const auto put = ask(
        put_scaling_policy,
        resource +
            R"(,"PolicyName":"cpu","PolicyType":"TargetTrackingScaling","TargetTrackingScalingPolicyConfiguration":{"TargetValue":75,"PredefinedMetricSpecification":{"PredefinedMetricType":"ECSServiceAverageCPUUtilization"}}})"
    );
    ASSERT_TRUE(put);
    EXPECT_EQ(put->alarms->at(0).alarm_name->size(), 255u);
}

class ScheduledActions : public Policies {
  protected:
    std::string put(std::string_view more) {
        return refused(put_scheduled_action, R"({"ScheduledActionName":"a",)" + std::string(more) + "}");
    }
    ScheduledAction only() { return ask(describe_scheduled_actions)->scheduled_actions->at(0); }
};

constexpr const char* kAction = R"("ScalableTargetAction":{"MinCapacity":1,"MaxCapacity":3})";

TEST_F(ScheduledActions, ComeBackAsSent) {
    ASSERT_EQ(
        put(R"j("Schedule":"cron(0 18 ? * MON-FRI *)","Timezone":"Asia/Tokyo","StartTime":1800000000,)j"
            R"("EndTime":1900000000,)" +
            std::string(kAction)),
        ""
    );
    const auto action = only();
    EXPECT_EQ(action.schedule, "cron(0 18 ? * MON-FRI *)");
    EXPECT_EQ(action.timezone, "Asia/Tokyo");
    EXPECT_EQ(action.start_time->ms, 1'800'000'000'000);
    EXPECT_EQ(action.scalable_target_action->max_capacity, 3);
    EXPECT_TRUE(action.scheduled_action_arn->ends_with(":resource/ecs/service/c/s:scheduledActionName/a"));
    // Start and end go when they are not given; the rest stays.
    ASSERT_EQ(put(R"("ScalableTargetAction":{"MinCapacity":0})"), "");
    const auto changed = only();
    EXPECT_EQ(changed.scheduled_action_arn, action.scheduled_action_arn);
    EXPECT_EQ(changed.schedule, action.schedule);
    EXPECT_FALSE(changed.start_time);
    EXPECT_EQ(changed.scalable_target_action->min_capacity, 0);
    EXPECT_FALSE(changed.scalable_target_action->max_capacity);
    EXPECT_TRUE(
        ask(describe_scheduled_actions, R"({"ScheduledActionNames":["b"]})")->scheduled_actions->empty()
    );
    ASSERT_TRUE(ask(delete_scheduled_action, R"({"ScheduledActionName":"a"})"));
    EXPECT_EQ(
        refused(delete_scheduled_action, R"({"ScheduledActionName":"a"})"),
        "ObjectNotFoundException: No scheduled action found for service namespace: ecs, resource ID: "
        "service/c/s, scalable dimension: ecs:service:DesiredCount, scheduled action name: a"
    );
}

TEST_F(ScheduledActions, RefuseWhatNeverFiresOrMakesNoSense) {
    const std::string rest = std::string(",") + kAction;
    const std::string bad = "ValidationException: Invalid schedule expression. Details: ";
    for (const char* schedule :
         {"cron(0 0 31 2 ? *)", "cron(0 0 * * ? 2020)", "at(2020-01-01T00:00:00)", "cron(* * *)",
          "rate(0 minutes)", "rate(1 minutes)", "0 0 * * *", ""}) {
        EXPECT_TRUE(put(R"("Schedule":")" + std::string(schedule) + "\"" + rest).starts_with(bad))
            << schedule;
    }
    const std::string daily = R"j("Schedule":"rate(1 day)")j";
    EXPECT_TRUE(put(std::string(kAction)).starts_with("ValidationException: Schedule must"));
    EXPECT_EQ(
        put(daily),
        "ValidationException: At least one of minimum capacity and maximum capacity should be provided"
    );
    EXPECT_EQ(
        put(daily + R"(,"ScalableTargetAction":{"MinCapacity":3,"MaxCapacity":1})"),
        "ValidationException: Maximum capacity cannot be less than minimum capacity"
    );
    EXPECT_EQ(
        put(daily + R"(,"Timezone":"Mars/Base")" + rest), "ValidationException: Invalid timezone: Mars/Base"
    );
    EXPECT_EQ(
        put(daily + R"(,"EndTime":1600000000)" + rest),
        "ValidationException: The end time must be in the future."
    );
    EXPECT_EQ(
        put(daily + R"(,"StartTime":1900000000,"EndTime":1800000000)" + rest),
        "ValidationException: The end time must be after the start time."
    );
    EXPECT_TRUE(ask(describe_scheduled_actions)->scheduled_actions->empty());
}

}  // namespace
}  // namespace gantry::autoscaling::testing
