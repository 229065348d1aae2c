#include "cloudwatch/alarm.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "cloudwatch/alarm_history.h"
#include "cloudwatch/history_expiry.h"
#include "cloudwatch/schema.h"
#include "dispatch/cloudwatch_handlers.h"

namespace gantry::cloudwatch {
namespace {

using namespace shapes::cloudwatch;

class Zeros : public state::Chance {
  public:
    std::uint64_t draw() override { return 0; }
};

class Alarms : public ::testing::Test {
  protected:
    Alarms() : database_(declared(schema_)) {
        caller_.account = "123456789012";
        caller_.region = "us-east-1";
    }
    static const state::Schema& declared(state::Schema& schema) {
        declare(schema);
        return schema;
    }
    template <class Request, class Response>
    Result<Response> call(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&),
        const std::type_identity_t<Request>& request
    ) {
        state::Txn txn(database_, turn_);
        auto result = operation(txn, request, caller_);
        if (result) {
            txn.finish();
        } else {
            txn.undo();
        }
        return result;
    }
    template <class Request, class Response>
    std::string refused(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&),
        const std::type_identity_t<Request>& request
    ) {
        const auto result = call(operation, request);
        return result ? "accepted" : result.error().code + ": " + result.error().message;
    }
    // The article's.
    static PutMetricAlarmRequest cpu_high() {
        PutMetricAlarmRequest request;
        request.alarm_name = "cpu_utilization_high";
        request.comparison_operator = "GreaterThanOrEqualToThreshold";
        request.evaluation_periods = 2;
        request.metric_name = "CPUUtilization";
        request.namespace_ = "AWS/ECS";
        request.period = 60;
        request.statistic = "Average";
        request.threshold = 60;
        request.dimensions.emplace().push_back({"ClusterName", "c"});
        request.alarm_actions.emplace().push_back("arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:x"
        );
        return request;
    }
    MetricAlarm described(const std::string& name) {
        DescribeAlarmsRequest request;
        request.alarm_names.emplace().push_back(name);
        const auto response = call(describe_alarms, request);
        return response->metric_alarms->empty() ? MetricAlarm{} : response->metric_alarms->front();
    }

    state::Schema schema_;
    Zeros chance_;
    state::Turn turn_{{1'700'000'000'000}, {1'700'000'000'000}, chance_};
    state::Database database_;
    Caller caller_;
};

TEST_F(Alarms, ComeBackWithTheirDefaults) {
    ASSERT_TRUE(call(put_metric_alarm, cpu_high()));
    const auto alarm = described("cpu_utilization_high");
    EXPECT_EQ(alarm.alarm_arn, "arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu_utilization_high");
    EXPECT_EQ(alarm.actions_enabled, true);
    EXPECT_EQ(alarm.treat_missing_data, "missing");
    EXPECT_EQ(alarm.state_value, "INSUFFICIENT_DATA");
    EXPECT_EQ(alarm.state_reason, "Unchecked: Initial alarm creation");
    EXPECT_EQ(alarm.threshold, 60.0);
    EXPECT_TRUE(alarm.ok_actions->empty());
    EXPECT_EQ(alarm.alarm_actions->size(), 1u);
    EXPECT_EQ(alarm.dimensions->at(0).name, "ClusterName");
}

TEST_F(Alarms, PuttingAgainKeepsStateAndTags) {
    auto request = cpu_high();
    request.tags.emplace().push_back({"k", "v"});
    ASSERT_TRUE(call(put_metric_alarm, request));
    ASSERT_TRUE(call(set_alarm_state, {"cpu_utilization_high", "ALARM", "by hand"}));
    request.threshold = 70;
    request.tags->front().value = "other";
    ASSERT_TRUE(call(put_metric_alarm, request));
    const auto alarm = described("cpu_utilization_high");
    EXPECT_EQ(alarm.threshold, 70.0);
    EXPECT_EQ(alarm.state_value, "ALARM");
    EXPECT_EQ(call(list_tags_for_resource, {*alarm.alarm_arn})->tags->at(0).value, "v");
}

TEST_F(Alarms, RefuseWhatMakesNoSense) {
    const auto with = [&](auto change) {
        auto request = cpu_high();
        change(request);
        return refused(put_metric_alarm, request);
    };
    EXPECT_EQ(
        with([](auto& r) { r.period = 45; }), "ValidationError: Period must be 10, 20, 30 or a multiple of 60"
    );
    EXPECT_TRUE(with([](auto& r) { r.metric_name.reset(); }
    ).starts_with("ValidationError: Exactly one of MetricName"));
    EXPECT_TRUE(with([](auto& r) { r.extended_statistic = "p99"; }
    ).starts_with("ValidationError: The parameters Stat"));
    EXPECT_TRUE(with([](auto& r) { r.datapoints_to_alarm = 3; }
    ).starts_with("ValidationError: DatapointsToAlarm"));
    EXPECT_TRUE(with([](auto& r) { r.evaluation_periods = 1'441; }
    ).starts_with("ValidationError: Metrics cannot"));
    EXPECT_TRUE(with([](auto& r) { r.treat_missing_data = "x"; }).starts_with("ValidationError: Option x"));
    EXPECT_TRUE(with([](auto& r) { r.threshold.reset(); }
    ).starts_with("ValidationError: The parameter Threshold"));
    EXPECT_TRUE(with([](auto& r) { r.alarm_actions->front() = "x"; }
    ).starts_with("ValidationError: Invalid arn"));
    EXPECT_FALSE(described("cpu_utilization_high").alarm_name);
}

TEST_F(Alarms, ExpressionsReturnOneSeries) {
    PutMetricAlarmRequest request;
    request.alarm_name = "math";
    request.comparison_operator = "GreaterThanThreshold";
    request.evaluation_periods = 1;
    request.threshold = 1;
    MetricDataQuery stat, sum;
    stat.id = "a";
    auto& source = stat.metric_stat.emplace();
    source.metric.namespace_ = "N";
    source.metric.metric_name = "M";
    source.period = 60;
    source.stat = "Sum";
    stat.return_data = false;
    sum.id = "b";
    sum.expression = "a*2";
    request.metrics = std::vector<MetricDataQuery>{stat, sum};
    ASSERT_TRUE(call(put_metric_alarm, request));
    EXPECT_EQ(described("math").metrics->size(), 2u);
    (*request.metrics)[0].return_data = true;
    EXPECT_EQ(
        refused(put_metric_alarm, request),
        "ValidationError: Exactly one element of the metrics list should return data."
    );
}

TEST_F(Alarms, StatesAndTheirHistory) {
    auto request = cpu_high();
    request.alarm_actions.reset();
    ASSERT_TRUE(call(put_metric_alarm, request));
    turn_.now.ms += 1'000;
    ASSERT_TRUE(call(set_alarm_state, {"cpu_utilization_high", "ALARM", "why", "{\"a\":1}"}));
    EXPECT_EQ(
        refused(set_alarm_state, {"cpu_utilization_high", "OK", "why", "{"}),
        "InvalidFormat: StateReasonData must be valid JSON."
    );
    EXPECT_EQ(
        refused(set_alarm_state, {"nope", "OK", "why"}), "ResourceNotFound: The alarm 'nope' does not exist."
    );
    const auto history = call(describe_alarm_history, {});
    ASSERT_EQ(history->alarm_history_items->size(), 2u);
    const auto& newest = history->alarm_history_items->front();
    EXPECT_EQ(newest.history_item_type, "StateUpdate");
    EXPECT_EQ(newest.history_summary, "Alarm updated from INSUFFICIENT_DATA to ALARM");
    DescribeAlarmHistoryRequest paged;
    paged.max_records = 1;
    paged.next_token = call(describe_alarm_history, paged)->next_token;
    ASSERT_TRUE(paged.next_token);
    const auto second = call(describe_alarm_history, paged);
    EXPECT_EQ(second->alarm_history_items->front().history_item_type, "ConfigurationUpdate");
    EXPECT_FALSE(second->next_token);
}

TEST_F(Alarms, DeletedAllOrNone) {
    ASSERT_TRUE(call(put_metric_alarm, cpu_high()));
    EXPECT_EQ(
        refused(delete_alarms, {{"cpu_utilization_high", "nope"}}),
        "ResourceNotFound: The alarm 'nope' does not exist."
    );
    EXPECT_EQ(described("cpu_utilization_high").alarm_name, "cpu_utilization_high");
    ASSERT_TRUE(call(delete_alarms, {{"cpu_utilization_high"}}));
    EXPECT_FALSE(described("cpu_utilization_high").alarm_name);
}

TEST_F(Alarms, Filters) {
    auto request = cpu_high();
    ASSERT_TRUE(call(put_metric_alarm, request));
    request.alarm_name = "other";
    request.alarm_actions.reset();
    ASSERT_TRUE(call(put_metric_alarm, request));
    const auto names = [&](const DescribeAlarmsRequest& filter) {
        std::string out;
        const auto response = call(describe_alarms, filter);
        for (const auto& alarm : *response->metric_alarms) out += *alarm.alarm_name + " ";
        return out;
    };
    DescribeAlarmsRequest filter;
    EXPECT_EQ(names(filter), "cpu_utilization_high other ");
    filter.alarm_name_prefix = "cpu";
    EXPECT_EQ(names(filter), "cpu_utilization_high ");
    filter = {};
    filter.action_prefix = "arn:aws:autoscaling";
    EXPECT_EQ(names(filter), "cpu_utilization_high ");
    filter = {};
    filter.state_value = "OK";
    EXPECT_EQ(names(filter), "");
    filter = {};
    filter.alarm_types = std::vector<std::string>{"CompositeAlarm"};
    EXPECT_EQ(names(filter), "");
    filter = {};
    filter.max_records = 1;
    filter.next_token = call(describe_alarms, filter)->next_token;
    EXPECT_EQ(names(filter), "other ");
    ASSERT_TRUE(call(disable_alarm_actions, {{"other", "nope"}}));
    EXPECT_EQ(described("other").actions_enabled, false);
}

TEST_F(Alarms, HistoryExpires) {
    ASSERT_TRUE(call(put_metric_alarm, cpu_high()));
    const HistoryExpiry expiry;
    const auto plan = [&] { return expiry.reconcile(state::View(database_), "all", turn_); };
    EXPECT_TRUE(plan().actions().empty());
    EXPECT_EQ(plan().policy_again()->ms, turn_.now.ms + Duration(kHistoryKept).count());
    turn_.now.ms += Duration(kHistoryKept).count();
    const auto due = plan();
    EXPECT_EQ(due.actions().size(), 1u);
    state::Txn txn(database_, turn_);
    txn.apply(due);
    txn.finish();
    EXPECT_TRUE(plan().actions().empty());
}

}  // namespace
}  // namespace gantry::cloudwatch
