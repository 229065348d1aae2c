#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "autoscaling/activity.h"
#include "autoscaling/policy.h"
#include "autoscaling/removal.h"
#include "autoscaling/scaling_state.h"
#include "autoscaling/scheduled_action.h"
#include "autoscaling/schema.h"
#include "cloudwatch/alarm_history.h"
#include "cloudwatch/owned_alarm.h"
#include "cloudwatch/schema.h"
#include "dispatch/autoscaling_handlers.h"
#include "ec2/schema.h"
#include "ecs/tables.h"
#include "eventbus/schema.h"
#include "shapes/json.h"
#include "state/txn.h"

namespace gantry::autoscaling::testing {

using namespace shapes::applicationautoscaling;

class Dice : public state::Chance {
  public:
    std::uint64_t draw() override { return last_ = last_ * 6364136223846793005ULL + 1442695040888963407ULL; }

  private:
    std::uint64_t last_ = 7;
};

// The service c/s, and requests as JSON; what every request of its resource has is added.
class AutoscalingTest : public ::testing::Test {
  protected:
    AutoscalingTest() : database(declared(schema)) {
        caller.account = "123456789012";
        caller.region = "us-east-1";
        add_service("s");
    }

    void add_service(const std::string& name, ecs::ServiceStatus status = ecs::ServiceStatus::ACTIVE) {
        ecs::ServiceRecord service;
        service.scope = caller.scope();
        service.cluster = "c";
        service.name = name;
        service.status = status;
        write([&](state::Txn& txn) { txn.put(service); });
    }

    template <class Fn>
    void write(Fn fn) {
        state::Txn txn(database, turn);
        fn(txn);
        txn.finish();
    }

    template <class Response, class Request>
    Result<Response> ask(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&),
        std::string_view more = "{}"
    ) {
        auto json = boost::json::parse(boost::json::string_view(more)).as_object();
        const auto add = [&](const char* name, const char* value) {
            if (!json.contains(name)) json[name] = value;
        };
        add("ServiceNamespace", "ecs");
        add("ResourceId", "service/c/s");
        add("ScalableDimension", "ecs:service:DesiredCount");
        const auto request = shapes::from_json<Request>(json);
        EXPECT_TRUE(request) << (request ? "" : request.error().message);
        state::Txn txn(database, turn);
        auto result = operation(txn, *request, caller);
        if (result) {
            txn.finish();
        } else {
            txn.undo();
        }
        return result;
    }
    // "CODE: text", or "".
    template <class Response, class Request>
    std::string refused(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&),
        std::string_view more = "{}"
    ) {
        const auto result = ask(operation, more);
        return result ? std::string() : result.error().code + ": " + result.error().message;
    }

    std::string enroll(std::string_view more = R"({"MinCapacity":2,"MaxCapacity":12})") {
        const auto response = ask(register_scalable_target, more);
        EXPECT_TRUE(response) << (response ? "" : response.error().message);
        return response ? response->scalable_target_arn.value_or("") : "";
    }
    Result<PutScalingPolicyResponse> put_step(
        const std::string& name,
        std::string_view steps = R"([{"MetricIntervalLowerBound":0,"ScalingAdjustment":1}])"
    ) {
        return ask(
            put_scaling_policy,
            R"({"PolicyName":")" + name +
                R"(","PolicyType":"StepScaling","StepScalingPolicyConfiguration":{"AdjustmentType":"ChangeInCapacity","StepAdjustments":)" +
                std::string(steps) + "}}"
        );
    }
    Result<PutScalingPolicyResponse> put_tracking(const std::string& name, std::string_view more = "") {
        return ask(
            put_scaling_policy,
            R"({"PolicyName":")" + name +
                R"(","PolicyType":"TargetTrackingScaling","TargetTrackingScalingPolicyConfiguration":{"TargetValue":75,"PredefinedMetricSpecification":{"PredefinedMetricType":"ECSServiceAverageCPUUtilization"})" +
                std::string(more) + "}}"
        );
    }
    ScalableTarget target() {
        const auto response = ask(describe_scalable_targets, R"({"ResourceIds":["service/c/s"]})");
        return response && response->scalable_targets->size() == 1 ? response->scalable_targets->front()
                                                                   : ScalableTarget();
    }
    std::vector<ScalingPolicy> policies(std::string_view more = "{}") {
        const auto response = ask(describe_scaling_policies, more);
        return response ? *response->scaling_policies : std::vector<ScalingPolicy>();
    }
    std::vector<std::string> alarms() {
        std::vector<std::string> names;
        for (const auto& alarm : state::View(database).list<cloudwatch::AlarmRecord>())
            names.push_back(alarm->definition.alarm_name);
        return names;
    }

    static const state::Schema& declared(state::Schema& schema) {
        ec2::declare(schema);
        eventbus::declare(schema);
        ecs::declare_tables(schema);
        cloudwatch::declare(schema);
        declare(schema);
        return schema;
    }
    state::Schema schema;
    Dice dice;
    state::Turn turn{{1'700'000'000'000}, {1'700'000'000'000}, dice};
    state::Database database;
    Caller caller;
};

}  // namespace gantry::autoscaling::testing
