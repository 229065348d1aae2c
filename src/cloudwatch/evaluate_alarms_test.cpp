// Alarms over a database and a pretend metric store.
#include "cloudwatch/evaluate_alarms.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>

#include "cloudwatch/alarm_history.h"
#include "cloudwatch/metric_name.h"
#include "cloudwatch/schema.h"
#include "dispatch/cloudwatch_handlers.h"
#include "operation/policy_clock.h"
#include "sim/metric_store.h"
#include "sim/seeded_chance.h"
#include "state/txn.h"

namespace gantry::cloudwatch {
namespace {

using namespace shapes::cloudwatch;

constexpr std::int64_t kStart = 1'700'000'400;  // seconds; a full minute
constexpr const char* kPolicy =
    "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:x:resource/ecs/service/c/s:policyName/up";

class Evaluation : public testing::Test, public DataContext {
  protected:
    Evaluation() {
        schema.add_table<PolicyClockRecord>();
        declare(schema);
        database.emplace(schema);
        caller.account = "123456789012";
        caller.region = "us-east-1";
        at(0);
    }
    void at(std::int64_t seconds) { turn.now = PolicyInstant{(kStart + seconds) * 1'000}; }
    Awaitable<Result<void>> transact_erased(std::function<Result<void>(state::Txn&)> fn) override {
        state::Txn txn(*database, turn);
        auto done = fn(txn);
        if (done) {
            writes += txn.finish().size();
        } else {
            txn.undo();
        }
        co_return done;
    }
    PolicyInstant now() const override { return turn.now; }
    RealInstant real_now() const override { return turn.real_now; }
    port::LogStore& log_store() override { std::abort(); }
    port::MetricStore& metric_store() override { return store; }

    template <class T>
    T wait(Awaitable<Result<T>> reply) {
        boost::asio::io_context context;
        std::optional<Result<T>> result;
        boost::asio::co_spawn(context, std::move(reply), [&](std::exception_ptr, Result<T> r) {
            result = std::move(r);
        });
        context.run();
        if constexpr (!std::is_void_v<T>) return std::move(*result).value();
    }
    void put(PutMetricAlarmRequest request) {
        state::Txn txn(*database, turn);
        const auto done = put_metric_alarm(txn, request, caller);
        ASSERT_TRUE(done) << done.error().message;
        txn.finish();
    }
    static PutMetricAlarmRequest cpu_high() {
        PutMetricAlarmRequest request;
        request.alarm_name = "high";
        request.comparison_operator = "GreaterThanOrEqualToThreshold";
        request.evaluation_periods = 2;
        request.metric_name = "CPUUtilization";
        request.namespace_ = "AWS/ECS";
        request.period = 60;
        request.statistic = "Average";
        request.threshold = 85;
        auto& dimension = request.dimensions.emplace().emplace_back();
        dimension.name = "ServiceName";
        dimension.value = "web";
        request.alarm_actions = {kPolicy};
        return request;
    }
    void measure(std::int64_t seconds, double value) {
        const auto name = metric_name(
            caller.account, caller.region, "AWS/ECS", "CPUUtilization", cpu_high().dimensions
        );
        (void)wait(append({{name, {metric::round_down(kStart + seconds, 60), 60, "Percent", metric::Values::of(value)}}}));
    }
    Awaitable<Result<bool>> append(std::vector<port::MetricSample> samples) {
        CO_TRY_VOID(co_await store.append(std::move(samples)));
        co_return true;
    }
    std::string evaluate(const std::string& name = "high") {
        quick = wait(evaluate_alarms(*this, false));
        return state_text(alarm(name)->state);
    }
    state::Pinned<AlarmRecord> alarm(const std::string& name = "high") {
        return state::View(*database).get<AlarmRecord>(AlarmRecord::key(caller.scope(), name));
    }
    std::vector<std::string> history(const std::string& name = "high") {
        std::vector<std::string> all;
        for (const auto& item : state::View(*database).find<AlarmHistoryByAlarm>(AlarmHistoryByAlarm::key(caller.scope(), name)))
            all.push_back(item->summary);
        return all;
    }

    state::Schema schema;
    std::optional<state::Database> database;
    sim::SeededChance chance{1};
    state::Turn turn{{}, {}, chance};
    Caller caller;
    sim::MetricStore store;
    std::size_t writes = 0;
    bool quick = false;
};

TEST_F(Evaluation, FromNoDataToAlarmAndBack) {
    put(cpu_high());
    EXPECT_EQ(evaluate(), "INSUFFICIENT_DATA");
    measure(0, 20);
    at(70);
    EXPECT_EQ(evaluate(), "OK");
    measure(60, 95);
    at(130);
    EXPECT_EQ(evaluate(), "OK");
    measure(120, 99);
    at(150);
    EXPECT_EQ(evaluate(), "OK") << "the minute is not over";
    at(190);
    EXPECT_EQ(evaluate(), "ALARM");
    EXPECT_EQ(alarm()->recent, (std::vector<double>{95, 99}));
    EXPECT_EQ(
        history(), (std::vector<std::string>{
                       "Alarm \"high\" created", "Alarm updated from INSUFFICIENT_DATA to OK",
                       "Alarm updated from OK to ALARM", std::string("Successfully executed action ") + kPolicy
                   })
    );
    measure(180, 30);
    at(250);
    EXPECT_EQ(evaluate(), "OK");
}

TEST_F(Evaluation, AConvergedAlarmIsNotWritten) {
    put(cpu_high());
    measure(0, 20);
    at(70);
    evaluate();
    const auto before = writes;
    evaluate();
    at(75);
    evaluate();
    EXPECT_EQ(writes, before);
}

TEST_F(Evaluation, WhileAPolicyActsItIsToldWhatTheMetricIs) {
    put(cpu_high());
    for (const auto minute : {0, 60, 120}) measure(minute, 90);
    at(190);
    EXPECT_EQ(evaluate(), "ALARM");
    const auto transitioned = alarm()->state_transitioned;
    measure(180, 97);
    at(250);
    EXPECT_EQ(evaluate(), "ALARM");
    EXPECT_EQ(alarm()->recent, (std::vector<double>{90, 97}));
    EXPECT_EQ(alarm()->state_transitioned, transitioned);
}

TEST_F(Evaluation, AStateSetByHandLastsUntilTheNextEvaluation) {
    put(cpu_high());
    measure(0, 20);
    at(70);
    EXPECT_EQ(evaluate(), "OK");
    state::Txn txn(*database, turn);
    SetAlarmStateRequest request;
    request.alarm_name = "high";
    request.state_value = "ALARM";
    request.state_reason = "by hand";
    ASSERT_TRUE(set_alarm_state(txn, request, caller));
    txn.finish();
    EXPECT_EQ(evaluate(), "OK");
}

TEST_F(Evaluation, AFormulaAndAQuickOne) {
    PutMetricAlarmRequest formula;
    formula.alarm_name = "formula";
    formula.comparison_operator = "LessThanThreshold";
    formula.evaluation_periods = 1;
    formula.threshold = 1;
    auto& queries = formula.metrics.emplace();
    auto& metric = queries.emplace_back();
    metric.id = "m";
    metric.return_data = false;
    auto& stat = metric.metric_stat.emplace();
    stat.metric.namespace_ = "AWS/ECS";
    stat.metric.metric_name = "CPUUtilization";
    stat.metric.dimensions = cpu_high().dimensions;
    stat.period = 60;
    stat.stat = "Average";
    auto& expression = queries.emplace_back();
    expression.id = "e";
    expression.expression = "m / 100";
    put(formula);
    measure(0, 50);
    at(70);
    EXPECT_EQ(evaluate("formula"), "ALARM");
    EXPECT_FALSE(quick);
    measure(60, 150);
    at(130);
    EXPECT_EQ(evaluate("formula"), "OK");
    auto often = cpu_high();
    often.alarm_name = "often";
    often.period = 10;
    put(often);
    evaluate("often");
    EXPECT_TRUE(quick);
}

TEST_F(Evaluation, TimeThatWasJumpedOverIsNotJudged) {
    put(cpu_high());
    measure(0, 90);
    measure(60, 90);
    at(130);
    EXPECT_EQ(evaluate(), "ALARM");
    PolicyClockRecord clock;
    clock.jumps.push_back({PolicyInstant{(kStart + 130) * 1'000}, PolicyInstant{(kStart + 3'730) * 1'000}});
    state::Txn txn(*database, turn);
    txn.put(clock);
    txn.finish();
    at(3'730);
    EXPECT_EQ(evaluate(), "ALARM");
    at(3'800);
    EXPECT_EQ(evaluate(), "ALARM");
}

TEST_F(Evaluation, WhenItIsDue) {
    EXPECT_EQ(next_evaluation(PolicyInstant{kStart * 1'000}, false).ms, (kStart + 10) * 1'000);
    EXPECT_EQ(next_evaluation(PolicyInstant{(kStart + 10) * 1'000}, false).ms, (kStart + 70) * 1'000);
    EXPECT_EQ(next_evaluation(PolicyInstant{(kStart + 10) * 1'000}, true).ms, (kStart + 12) * 1'000);
}

}  // namespace
}  // namespace gantry::cloudwatch
