#include "autoscaling/scaling_controller.h"
#include "autoscaling/state_fixture_test.h"
#include "autoscaling/step.h"
#include "ecs/deployment.h"
#include "ecs/tables.h"

namespace gantry::autoscaling::testing {
namespace {

StepScalingPolicyConfiguration policy(std::string type, std::vector<StepAdjustment> steps) {
    StepScalingPolicyConfiguration out;
    out.adjustment_type = std::move(type);
    out.step_adjustments = std::move(steps);
    return out;
}

StepAdjustment step(std::optional<double> lower, std::optional<double> upper, int by) {
    StepAdjustment out;
    out.metric_interval_lower_bound = lower;
    out.metric_interval_upper_bound = upper;
    out.scaling_adjustment = by;
    return out;
}

TEST(Steps, BoundsAreInclusiveOnTheThresholdsSide) {
    const auto out = policy("ChangeInCapacity", {step(0, 10, 1), step(10, {}, 2)});
    const auto by = [](const auto& of, double delta, bool above) {
        const auto* found = pick_step(of, delta, above);
        return found ? found->scaling_adjustment : 0;
    };
    EXPECT_EQ(by(out, 0, true), 1);
    EXPECT_EQ(by(out, 9.9, true), 1);
    EXPECT_EQ(by(out, 10, true), 2);
    EXPECT_EQ(by(out, 1'000, true), 2);
    EXPECT_EQ(by(out, -0.1, true), 0);
    const auto in = policy("ChangeInCapacity", {step(-10, 0, -1), step({}, -10, -2)});
    EXPECT_EQ(by(in, 0, false), -1);
    EXPECT_EQ(by(in, -9.9, false), -1);
    EXPECT_EQ(by(in, -10, false), -2);
    EXPECT_EQ(by(in, 1, false), 0);
}

TEST(Steps, Adjust) {
    const auto by = [](const std::string& type, int capacity, int adjustment, std::optional<int> least = {}) {
        auto of = policy(type, {step(0, {}, adjustment)});
        of.min_adjustment_magnitude = least;
        return adjust(capacity, of, of.step_adjustments->front());
    };
    EXPECT_EQ(by("ChangeInCapacity", 4, 3), 7);
    EXPECT_EQ(by("ChangeInCapacity", 2, -3), 0);
    EXPECT_EQ(by("ChangeInCapacity", 2, 2'147'483'647), 2'147'483'647);
    EXPECT_EQ(by("ExactCapacity", 4, 1), 1);
    EXPECT_EQ(by("PercentChangeInCapacity", 10, 25), 12);  // 2.5
    EXPECT_EQ(by("PercentChangeInCapacity", 10, -67), 4);  // -6.7
    EXPECT_EQ(by("PercentChangeInCapacity", 2, 10), 3);    // 0.2
    EXPECT_EQ(by("PercentChangeInCapacity", 2, -10), 1);
    EXPECT_EQ(by("PercentChangeInCapacity", 4, 25, 2), 6);  // the documentation's example
    EXPECT_EQ(by("PercentChangeInCapacity", 0, 100), 1);
}

// The article's: one more at a high load, one less at a low one, ten minutes of cool-down, 2 to 4 tasks.
class Scaling : public AutoscalingTest {
  protected:
    Scaling() {
        set_desired(2);
        enroll(R"({"MinCapacity":2,"MaxCapacity":4})");
        put("up", 1, 600, "high", "GreaterThanOrEqualToThreshold");
        put("down", -1, 600, "low", "LessThanOrEqualToThreshold");
    }
    void put(
        const std::string& name, int by, int cooldown, const std::string& alarm, const std::string& comparison
    ) {
        const std::string bound = by > 0 ? "Lower" : "Upper";
        const auto done =
            ask(put_scaling_policy,
                R"({"PolicyType":"StepScaling","PolicyName":")" + name +
                    R"(","StepScalingPolicyConfiguration":{"AdjustmentType":"ChangeInCapacity","Cooldown":)" +
                    std::to_string(cooldown) + R"(,"StepAdjustments":[{"MetricInterval)" + bound +
                    R"(Bound":0,"ScalingAdjustment":)" + std::to_string(by) + "}]}}");
        ASSERT_TRUE(done);
        shapes::cloudwatch::PutMetricAlarmRequest request;
        request.alarm_name = alarm;
        request.comparison_operator = comparison;
        request.evaluation_periods = 2;
        request.metric_name = "CPUUtilization";
        request.namespace_ = "AWS/ECS";
        request.period = 60;
        request.statistic = "Average";
        request.threshold = 60;
        request.alarm_actions.emplace().push_back(*done->policy_arn);
        write([&](state::Txn& txn) { ASSERT_TRUE(cloudwatch::put_metric_alarm(txn, request, caller)); });
    }
    void set(const std::string& name, cloudwatch::AlarmState to, std::string data = "") {
        write([&](state::Txn& txn) {
            auto alarm = *txn.get<cloudwatch::AlarmRecord>(caller.scope() + name);
            cloudwatch::set_state(txn, alarm, to, "by hand", std::move(data));
            txn.put(std::move(alarm));
        });
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
    // Until nothing is to do, and then it is asked once more.
    void settle() {
        const auto key = TargetRecord::key(caller.scope(), "service/c/s");
        for (int round = 0; round < 10; ++round) {
            const auto plan = controller_.reconcile(state::View(database), key, turn);
            if (plan.actions().empty()) {
                again_ = plan.policy_again();
                return;
            }
            write([&](state::Txn& txn) { txn.apply(plan); });
        }
        FAIL() << "it does not come to rest";
    }
    void pass(Duration time) {
        turn.now = turn.now + time;
        settle();
    }
    std::vector<ScalingActivity> activities(bool all = false) {
        return *ask(describe_scaling_activities, all ? R"({"IncludeNotScaledActivities":true})" : "{}")
                    ->scaling_activities;
    }

    ScalingController controller_;
    std::optional<PolicyInstant> again_;
};

using std::chrono::minutes;

TEST_F(Scaling, OneAlarmScalesOutOnceACoolDownUpToTheMaximum) {
    settle();
    EXPECT_EQ(desired(), 2);
    EXPECT_FALSE(again_);
    set("high", cloudwatch::AlarmState::ALARM);
    settle();
    EXPECT_EQ(desired(), 3);
    EXPECT_EQ(again_->ms, turn.now.ms + 60'000);
    for (int i = 0; i < 9; ++i) pass(minutes(1));
    EXPECT_EQ(desired(), 3);
    pass(minutes(1));
    EXPECT_EQ(desired(), 4);
    pass(minutes(10));
    EXPECT_EQ(desired(), 4);
    ASSERT_EQ(activities().size(), 2u);
    EXPECT_EQ(activities()[0].cause, "monitor alarm high in state ALARM triggered policy up");
    EXPECT_EQ(activities()[0].description, "Setting desired count to 4.");
}

TEST_F(Scaling, ALargerStepWithinTheCoolDownAddsTheDifference) {
    put("up", 1, 600, "high", "GreaterThanOrEqualToThreshold");
    ASSERT_TRUE(
        put_step("up", R"([{"MetricIntervalLowerBound":0,"MetricIntervalUpperBound":20,"ScalingAdjustment":1},
                                   {"MetricIntervalLowerBound":20,"ScalingAdjustment":2}])")
    );
    set("high", cloudwatch::AlarmState::ALARM, R"({"recentDatapoints":[90.0,65.0]})");
    settle();
    EXPECT_EQ(desired(), 3);
    set("high", cloudwatch::AlarmState::OK);
    settle();
    turn.now.ms += 1'000;
    set("high", cloudwatch::AlarmState::ALARM, R"({"recentDatapoints":[65.0,90.0]})");
    settle();
    EXPECT_EQ(desired(), 4);
}

TEST_F(Scaling, ScaleInWaitsForTheCoolDownAndIsInterrupted) {
    set_desired(4);
    set("low", cloudwatch::AlarmState::ALARM);
    settle();
    EXPECT_EQ(desired(), 3);
    pass(minutes(9));
    EXPECT_EQ(desired(), 3);
    // Scaling out does not wait.
    set("high", cloudwatch::AlarmState::ALARM);
    settle();
    EXPECT_EQ(desired(), 4);
    set("high", cloudwatch::AlarmState::OK);
    pass(minutes(9));
    EXPECT_EQ(desired(), 4);
    for (int i = 0; i < 40; ++i) pass(minutes(1));
    EXPECT_EQ(desired(), 2);
    const auto all = activities(true);
    EXPECT_LT(all.size(), 8u);
}

TEST_F(Scaling, SaysOnceWhyItDoesNot) {
    set("low", cloudwatch::AlarmState::ALARM);
    settle();
    for (int i = 0; i < 5; ++i) pass(minutes(1));
    EXPECT_TRUE(activities().empty());
    const auto all = activities(true);
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].not_scaled_reasons->at(0).code, "AlreadyAtMinCapacity");
    EXPECT_EQ(all[0].not_scaled_reasons->at(0).min_capacity, 2);
}

TEST_F(Scaling, OutsideTheRangeOnlyTowardsIt) {
    set_desired(7);
    set("high", cloudwatch::AlarmState::ALARM);
    settle();
    EXPECT_EQ(desired(), 7);
    set("high", cloudwatch::AlarmState::OK);
    set("low", cloudwatch::AlarmState::ALARM);
    settle();
    EXPECT_EQ(desired(), 4);
    set_desired(0);
    pass(minutes(20));
    EXPECT_EQ(desired(), 0);
    set("low", cloudwatch::AlarmState::OK);
    set("high", cloudwatch::AlarmState::ALARM);
    settle();
    EXPECT_EQ(desired(), 2);
}

TEST_F(Scaling, NotWhileSuspendedOrSwitchedOffOrWithoutService) {
    enroll(R"({"SuspendedState":{"DynamicScalingOutSuspended":true}})");
    set("high", cloudwatch::AlarmState::ALARM);
    settle();
    EXPECT_EQ(desired(), 2);
    enroll(R"({"SuspendedState":{"DynamicScalingOutSuspended":false}})");
    pass(minutes(1));
    EXPECT_EQ(desired(), 3);
    write([&](state::Txn& txn) {
        auto alarm = *txn.get<cloudwatch::AlarmRecord>(caller.scope() + "high");
        alarm.definition.actions_enabled = false;
        txn.put(std::move(alarm));
    });
    pass(minutes(30));
    EXPECT_EQ(desired(), 3);
    ASSERT_TRUE(ask(deregister_scalable_target));
    settle();
    EXPECT_TRUE(state::View(database).list<ScalingStateRecord>().empty());
}

class Tracking : public Scaling {
  protected:
    Tracking() {
        EXPECT_TRUE(ask(delete_scaling_policy, R"({"PolicyName":"up"})"));
        EXPECT_TRUE(ask(delete_scaling_policy, R"({"PolicyName":"down"})"));
        enroll(R"({"MinCapacity":1,"MaxCapacity":10})");
        track("cpu", "ECSServiceAverageCPUUtilization", 50);
    }
    void track(const std::string& name, const std::string& metric, int value, const std::string& more = "") {
        ASSERT_TRUE(ask(
            put_scaling_policy, R"({"PolicyType":"TargetTrackingScaling","PolicyName":")" + name +
                                    R"(","TargetTrackingScalingPolicyConfiguration":{"TargetValue":)" +
                                    std::to_string(value) + more +
                                    R"(,"PredefinedMetricSpecification":{"PredefinedMetricType":")" + metric + R"("}}})"
        ));
    }
    // Of the policy's two alarms the one on the high or the low side.
    void judged(const std::string& policy, bool high, cloudwatch::AlarmState to, double metric) {
        const auto record = state::View(database).get<PolicyRecord>(
            PolicyRecord::key(TargetRecord::key(caller.scope(), "service/c/s") + "/", policy)
        );
        write([&](state::Txn& txn) {
            for (const auto& name : record->alarms) {
                if ((name.find("-AlarmHigh-") != std::string::npos) != high) continue;
                auto alarm = *txn.get<cloudwatch::AlarmRecord>(caller.scope() + name);
                cloudwatch::set_state(txn, alarm, to, "judged", "");
                alarm.recent = {metric};
                txn.put(std::move(alarm));
            }
        });
        settle();
    }
};

TEST_F(Tracking, GrowsInProportionAndShrinksAfterItsCoolDown) {
    judged("cpu", true, cloudwatch::AlarmState::ALARM, 80);
    EXPECT_EQ(desired(), 4) << "2 * 80 / 50, rounded up";
    pass(minutes(1));
    EXPECT_EQ(desired(), 4) << "what was added counts";
    judged("cpu", true, cloudwatch::AlarmState::ALARM, 120);
    pass(minutes(1));
    EXPECT_EQ(desired(), 5) << "2 * 120 / 50";
    judged("cpu", true, cloudwatch::AlarmState::OK, 20);
    judged("cpu", false, cloudwatch::AlarmState::ALARM, 20);
    EXPECT_EQ(desired(), 5);
    pass(minutes(5));
    EXPECT_EQ(desired(), 2);
    ASSERT_FALSE(activities().empty());
    EXPECT_NE(activities()[0].cause.value_or("").find("AlarmLow"), std::string::npos);
}

TEST_F(Tracking, AllMustAgreeToShrink) {
    set_desired(6);
    track("memory", "ECSServiceAverageMemoryUtilization", 50);
    judged("cpu", false, cloudwatch::AlarmState::ALARM, 10);
    EXPECT_EQ(desired(), 6);
    judged("memory", false, cloudwatch::AlarmState::ALARM, 25);
    pass(minutes(1));
    EXPECT_EQ(desired(), 3) << "the larger of both";
}

TEST_F(Tracking, AStateByHandSaysNothingOfTheMetric) {
    write([&](state::Txn& txn) {
        for (const auto& alarm : txn.list<cloudwatch::AlarmRecord>(caller.scope() + "TargetTracking-")) {
            auto changed = *alarm;
            cloudwatch::set_state(txn, changed, cloudwatch::AlarmState::ALARM, "by hand", "");
            txn.put(std::move(changed));
        }
    });
    settle();
    EXPECT_EQ(desired(), 2);
}

TEST_F(Scaling, LooksAtWhatTouchesIt) {
    const auto touched = [&](auto change) {
        state::Txn txn(database, turn);
        change(txn);
        std::set<std::string> keys;
        for (const auto& one : txn.finish())
            controller_.affected(state::View(database), one, [&](std::string key) {
                keys.insert(std::move(key));
            });
        return keys.contains(TargetRecord::key(caller.scope(), "service/c/s"));
    };
    EXPECT_TRUE(touched([&](state::Txn& txn) {
        auto alarm = *txn.get<cloudwatch::AlarmRecord>(caller.scope() + "high");
        cloudwatch::set_state(txn, alarm, cloudwatch::AlarmState::ALARM, "", "");
        txn.put(std::move(alarm));
    }));
    EXPECT_TRUE(touched([&](state::Txn& txn) {
        txn.put(*txn.get<ecs::ServiceRecord>(ecs::ServiceRecord::key(caller.scope(), "c", "s")));
    }));
    EXPECT_FALSE(touched([&](state::Txn& txn) {
        ecs::ServiceRecord other;
        other.scope = caller.scope();
        other.cluster = "c";
        other.name = "other";
        txn.put(other);
    }));
}

}  // namespace
}  // namespace gantry::autoscaling::testing
