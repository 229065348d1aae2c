// The operations on metric data over a pretend store, as a client would call them.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cmath>
#include <cstdlib>

#include "dispatch/cloudwatch_handlers.h"
#include "operation/data_context.h"
#include "sim/metric_store.h"

namespace gantry::cloudwatch {
namespace {

using namespace shapes::cloudwatch;

constexpr std::int64_t kNow = 1'700'000'400'000;
constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kDay = 86'400'000;

class MetricData : public testing::Test, public DataContext {
  protected:
    MetricData() {
        caller.account = "123456789012";
        caller.region = "us-east-1";
    }
    Awaitable<Result<void>> transact_erased(std::function<Result<void>(state::Txn&)>) override { std::abort(); }
    PolicyInstant now() const override { return {kNow}; }
    RealInstant real_now() const override { return {kNow}; }
    port::LogStore& log_store() override { std::abort(); }
    port::MetricStore& metric_store() override { return store; }

    template <class Request, class Response>
    Result<Response> call(Awaitable<Result<Response>> (*operation)(DataContext&, Request, Caller), Request request) {
        boost::asio::io_context context;
        std::optional<Result<Response>> result;
        boost::asio::co_spawn(
            context, operation(*this, std::move(request), caller),
            [&](std::exception_ptr, Result<Response> r) { result = std::move(r); }
        );
        context.run();
        return std::move(*result);
    }
    template <class Request, class Response>
    std::string refused(Awaitable<Result<Response>> (*operation)(DataContext&, Request, Caller), Request request) {
        const auto result = call(operation, std::move(request));
        return result ? "accepted" : result.error().code + ": " + result.error().message;
    }
    static MetricDatum datum(double value, std::int64_t ago_ms = 0, std::string name = "m") {
        MetricDatum out;
        out.metric_name = std::move(name);
        out.value = value;
        out.timestamp = shapes::Timestamp{kNow - ago_ms};
        return out;
    }
    static PutMetricDataRequest put(std::vector<MetricDatum> data) {
        PutMetricDataRequest request;
        request.namespace_ = "Test";
        request.metric_data = std::move(data);
        return request;
    }
    static GetMetricStatisticsRequest ask(std::vector<std::string> statistics, int period = 60) {
        GetMetricStatisticsRequest request;
        request.namespace_ = "Test";
        request.metric_name = "m";
        request.start_time = shapes::Timestamp{kNow - 60 * kMinute};
        request.end_time = shapes::Timestamp{kNow + kMinute};
        request.period = period;
        request.statistics = std::move(statistics);
        return request;
    }
    static MetricDataQuery query(std::string id, std::string stat, std::string name = "m") {
        MetricDataQuery out;
        out.id = std::move(id);
        auto& metric = out.metric_stat.emplace();
        metric.metric.namespace_ = "Test";
        metric.metric.metric_name = std::move(name);
        metric.period = 60;
        metric.stat = std::move(stat);
        return out;
    }
    static MetricDataQuery formula(std::string id, std::string text) {
        MetricDataQuery out;
        out.id = std::move(id);
        out.expression = std::move(text);
        return out;
    }
    static GetMetricDataRequest data(std::vector<MetricDataQuery> queries) {
        GetMetricDataRequest request;
        request.metric_data_queries = std::move(queries);
        request.start_time = shapes::Timestamp{kNow - 10 * kMinute};
        request.end_time = shapes::Timestamp{kNow + kMinute};
        return request;
    }

    Caller caller;
    sim::MetricStore store;
};

TEST_F(MetricData, WhatWasPutIsRead) {
    auto several = datum(0, 2 * kMinute);
    several.value.reset();
    several.values = {1, 2, 3};
    several.counts = {1, 1, 8};
    several.unit = "Percent";
    auto set = datum(0, 3 * kMinute);
    set.value.reset();
    auto& statistics = set.statistic_values.emplace();
    statistics.sample_count = 4;
    statistics.sum = 20;
    statistics.minimum = 2;
    statistics.maximum = 9;
    ASSERT_TRUE(call(put_metric_data, put({datum(4), datum(6), several, set})));

    const auto answer =
        call(get_metric_statistics, ask({"Average", "Sum", "SampleCount", "Minimum", "Maximum"})).value();
    ASSERT_EQ(answer.datapoints->size(), 3u);
    EXPECT_EQ(*answer.label, "m");
    const auto& newest = answer.datapoints->back();
    EXPECT_EQ(newest.timestamp->ms, kNow);
    EXPECT_EQ(newest.average, 5);
    EXPECT_EQ(newest.unit, "None");
    const auto& middle = (*answer.datapoints)[1];
    EXPECT_EQ(middle.sum, 27);
    EXPECT_EQ(middle.sample_count, 10);
    EXPECT_EQ(middle.unit, "Percent");
    EXPECT_EQ(answer.datapoints->front().maximum, 9);

    auto extended = ask({});
    extended.statistics.reset();
    extended.extended_statistics = {"p50", "p90"};
    const auto percentiles = call(get_metric_statistics, extended).value();
    ASSERT_EQ(percentiles.datapoints->size(), 2u);
    EXPECT_EQ(percentiles.datapoints->front().extended_statistics->at("p50"), 3);
    EXPECT_EQ(call(get_metric_statistics, ask({"Sum"}, 600)).value().datapoints->size(), 3u) << "one for each unit";
}

TEST_F(MetricData, BadDataAreRefusedWhole) {
    const auto wrong = [&](MetricDatum bad) { return refused(put_metric_data, put({datum(1), std::move(bad)})); };
    auto both = datum(1);
    both.values = {2};
    EXPECT_EQ(
        wrong(both),
        "InvalidParameterCombination: The parameters MetricData.member.2.Value and MetricData.member.2.Values are "
        "mutually exclusive and you have specified both."
    );
    auto none = datum(1);
    none.value.reset();
    EXPECT_EQ(wrong(none).substr(0, 17), "MissingParameter:");
    EXPECT_EQ(
        wrong(datum(std::nan(""))),
        "InvalidParameterValue: The value NaN for parameter MetricData.member.2.Value is invalid."
    );
    auto uneven = none;
    uneven.values = {1, 2};
    uneven.counts = {1};
    EXPECT_EQ(
        wrong(uneven),
        "InvalidParameterValue: The parameters MetricData.member.2.Values and MetricData.member.2.Counts must be of "
        "the same size."
    );
    EXPECT_NE(wrong(datum(1, -3 * 60 * kMinute)).find("two hours in the future"), std::string::npos);
    EXPECT_NE(wrong(datum(1, 15 * kDay)).find("within the past two weeks"), std::string::npos);
    auto resolution = datum(1);
    resolution.storage_resolution = 5;
    EXPECT_EQ(wrong(resolution).substr(0, 22), "InvalidParameterValue:");
    auto reserved = put({datum(1)});
    reserved.namespace_ = "AWS/ECS";
    EXPECT_EQ(
        refused(put_metric_data, reserved),
        "InvalidParameterValue: The value AWS/ for parameter Namespace is invalid."
    );
    EXPECT_EQ(
        refused(put_metric_data, put(std::vector<MetricDatum>(1'001, datum(1)))),
        "InvalidParameterValue: The collection MetricData must not have a size greater than 1000."
    );
    EXPECT_TRUE(call(get_metric_statistics, ask({"Sum"})).value().datapoints->empty());
}

TEST_F(MetricData, QuestionsAreChecked) {
    auto long_ago = ask({"Sum"});
    long_ago.start_time = shapes::Timestamp{kNow - 2 * kDay};
    long_ago.end_time = shapes::Timestamp{kNow};
    EXPECT_EQ(
        refused(get_metric_statistics, long_ago),
        "InvalidParameterCombination: You have requested up to 2,880 datapoints, which exceeds the limit of 1,440. You "
        "may reduce the datapoints requested by increasing Period, or decreasing the time range."
    );
    auto nothing = ask({});
    nothing.statistics.reset();
    EXPECT_EQ(refused(get_metric_statistics, nothing).substr(0, 17), "MissingParameter:");
    EXPECT_EQ(refused(get_metric_statistics, ask({"Sum"}, 61)).substr(0, 22), "InvalidParameterValue:");
    auto reversed = ask({"Sum"});
    std::swap(reversed.start_time, reversed.end_time);
    EXPECT_EQ(refused(get_metric_statistics, reversed).substr(0, 22), "InvalidParameterValue:");
    EXPECT_EQ(
        refused(get_metric_data, data({query("a", "Sum"), query("a", "Sum")})),
        "ValidationError: The values for parameter id in MetricDataQueries are not unique."
    );
    EXPECT_EQ(refused(get_metric_data, data({query("A", "Sum")})).substr(0, 16), "ValidationError:");
    EXPECT_EQ(refused(get_metric_data, data({query("a", "Total")})).substr(0, 16), "ValidationError:");
    EXPECT_EQ(refused(get_metric_data, data({formula("a", "b + 1")})).substr(0, 16), "ValidationError:");
    EXPECT_EQ(
        refused(get_metric_data, data({formula("a", "b + 1"), formula("b", "a + 1")})),
        "ValidationError: The expressions name each other in a circle."
    );
}

TEST_F(MetricData, MathOverWhatWasMeasured) {
    ASSERT_TRUE(call(
        put_metric_data, put({datum(10), datum(20, kMinute), datum(5, kMinute, "n"), datum(30, 2 * kMinute)})
    ));
    auto hidden = query("n", "Sum", "n");
    hidden.return_data = false;
    const auto answer =
        call(get_metric_data, data({formula("e2", "e1 * 2"), formula("e1", "m / n"), query("m", "Average"), hidden}))
            .value();
    ASSERT_EQ(answer.metric_data_results->size(), 3u);
    const auto& doubled = answer.metric_data_results->front();
    EXPECT_EQ(*doubled.values, std::vector<double>{8});
    EXPECT_EQ(*doubled.status_code, "Complete");
    EXPECT_EQ(*doubled.label, "e2");
    const auto& plain = answer.metric_data_results->back();
    EXPECT_EQ(*plain.label, "m");
    EXPECT_EQ(*plain.values, (std::vector<double>{10, 20, 30}));
    EXPECT_EQ(plain.timestamps->front().ms, kNow);
}

TEST_F(MetricData, PagesEndInTheMidstOfAResult) {
    std::vector<MetricDatum> all;
    for (int i = 0; i < 5; ++i) {
        all.push_back(datum(i, i * kMinute));
        all.push_back(datum(10 + i, i * kMinute, "n"));
    }
    ASSERT_TRUE(call(put_metric_data, put(all)));
    auto request = data({query("a", "Sum"), query("b", "Sum", "n")});
    request.max_datapoints = 4;
    std::vector<double> seen;
    int pages = 0;
    do {
        const auto page = call(get_metric_data, request).value();
        std::size_t size = 0;
        for (const auto& result : *page.metric_data_results) {
            seen.insert(seen.end(), result.values->begin(), result.values->end());
            size += result.values->size();
        }
        EXPECT_LE(size, 4u);
        request.next_token = page.next_token;
        ++pages;
    } while (request.next_token);
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(seen, (std::vector<double>{0, 1, 2, 3, 4, 10, 11, 12, 13, 14}));
    request.next_token = "x";
    EXPECT_EQ(refused(get_metric_data, request), "InvalidNextToken: The next token is not valid.");
}

TEST_F(MetricData, MetricsAreListedInPages) {
    std::vector<MetricDatum> all;
    for (int i = 0; i < 600; ++i) {
        all.push_back(datum(1, i < 10 ? 4 * 60 * kMinute : 0, "m" + std::to_string(1'000 + i)));
        auto& one = all.back().dimensions.emplace().emplace_back();
        one.name = "d";
        one.value = std::to_string(i % 2);
    }
    ASSERT_TRUE(call(put_metric_data, put(all)));
    ListMetricsRequest request;
    request.namespace_ = "Test";
    const auto first = call(list_metrics, request).value();
    EXPECT_EQ(first.metrics->size(), 500u);
    request.next_token = first.next_token.value();
    const auto second = call(list_metrics, request).value();
    EXPECT_EQ(second.metrics->size(), 100u);
    EXPECT_EQ(*second.metrics->front().metric_name, "m1500");
    EXPECT_FALSE(second.next_token);
    request.next_token = "nonsense";
    EXPECT_EQ(refused(list_metrics, request), "InvalidParameterValue: Invalid nextToken");
    request.next_token.reset();
    request.recently_active = "PT3H";
    request.dimensions.emplace().emplace_back().name = "d";
    request.dimensions->back().value = "1";
    EXPECT_EQ(call(list_metrics, request).value().metrics->size(), 295u);
}

}  // namespace
}  // namespace gantry::cloudwatch
