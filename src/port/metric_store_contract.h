#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "port/metric_store.h"

// What every port::MetricStore must do. An implementation's test file says how one is made.
namespace gantry::port {

using MakeMetricStore = std::function<std::shared_ptr<MetricStore>()>;

class MetricStoreContract : public testing::TestWithParam<MakeMetricStore> {
  protected:
    static constexpr std::int64_t kStart = 1'700'000'400;  // a multiple of 1,200
    static constexpr std::int64_t kDay = 86'400;

    void SetUp() override {
        store = GetParam()();
        ASSERT_NE(store, nullptr);
    }
    template <class T>
    Result<T> wait(MetricStore::Reply<T> reply) {
        std::optional<Result<T>> result;
        boost::asio::co_spawn(context, std::move(reply), [&](std::exception_ptr, Result<T> r) {
            result = std::move(r);
        });
        context.restart();
        context.run();
        return std::move(*result);
    }
    static metric::Name named(std::string name, metric::Dimensions dimensions = {}) {
        return {"123456789012", "us-east-1", "Test", std::move(name), std::move(dimensions)};
    }
    static MetricSample sample(
        const metric::Name& name, std::int64_t at_s, double value, std::int64_t width_s = 60,
        std::string unit = "None"
    ) {
        return {name, {at_s, width_s, std::move(unit), metric::Values::of(value)}};
    }
    void append(std::vector<MetricSample> samples) {
        const auto appended = wait(store->append(std::move(samples)));
        ASSERT_TRUE(appended.has_value()) << appended.error().message;
    }
    // "offset:count/sum unit " of each period.
    std::string read(const metric::Name& name, metric::Span span) {
        const auto points = wait(store->read({name, std::move(span)}));
        if (!points) return "error: " + points.error().message;
        std::string text;
        for (const auto& point : *points) {
            text += std::to_string(point.at_s - kStart) + ":" +
                    std::to_string(static_cast<int>(point.values.count())) + "/" +
                    std::to_string(static_cast<int>(point.values.sum())) +
                    (point.unit == "None" ? "" : " " + point.unit) + " ";
        }
        return text;
    }
    std::string read(const metric::Name& name, std::int64_t period_s = 60) {
        return read(name, {kStart - 1'000 * kDay, kStart + kDay, period_s, {}});
    }
    std::string list(MetricList what) {
        what.account = "123456789012";
        what.region = "us-east-1";
        const auto names = wait(store->list(std::move(what)));
        std::string text;
        for (const auto& name : names.value()) text += name.name + " ";
        return text;
    }

    boost::asio::io_context context;
    std::shared_ptr<MetricStore> store;
};

TEST_P(MetricStoreContract, PointsOfTheSameTimeAreMerged) {
    const auto a = named("a");
    append({sample(a, kStart, 1), sample(a, kStart + 60, 2), sample(a, kStart, 3)});
    append({sample(a, kStart, 5), sample(named("b"), kStart, 9)});
    EXPECT_EQ(read(a), "0:3/9 60:1/2 ");
    EXPECT_EQ(read(a, 120), "0:4/11 ");
    EXPECT_EQ(read(named("b")), "0:1/9 ");
    EXPECT_EQ(read(named("c")), "");
    EXPECT_EQ(read(named("a", {{"x", "1"}})), "");
}

TEST_P(MetricStoreContract, SpansAreHalfOpenAndUnitsApart) {
    const auto a = named("a");
    append({sample(a, kStart, 1), sample(a, kStart + 60, 2), sample(a, kStart + 120, 3)});
    append({sample(a, kStart + 60, 9, 60, "Count")});
    EXPECT_EQ(read(a, {kStart + 60, kStart + 120, 60, {}}), "60:1/9 Count 60:1/2 ");
    EXPECT_EQ(read(a, {kStart, kStart + 600, 600, "None"}), "0:3/6 ");
    EXPECT_EQ(read(a, {kStart, kStart + 600, 600, "Bytes"}), "");
}

TEST_P(MetricStoreContract, HighResolutionPoints) {
    const auto a = named("a");
    append({sample(a, kStart, 1, 1), sample(a, kStart + 5, 2, 1), sample(a, kStart + 61, 3, 1)});
    EXPECT_EQ(read(a, {kStart, kStart + 60, 5, {}}), "0:1/1 5:1/2 ");
    EXPECT_EQ(read(a), "0:2/3 60:1/3 ");
}

TEST_P(MetricStoreContract, PointsOfAnyTimeComeInAnyOrder) {
    const auto a = named("a");
    std::vector<std::int64_t> days{0, -13, -1, -7, 0, -13};
    for (std::size_t i = 0; i < days.size(); ++i)
        append({sample(a, kStart + days[i] * kDay, static_cast<double>(i + 1))});
    ASSERT_TRUE(wait(store->age(kStart)));
    append({sample(a, kStart - 7 * kDay, 10)});
    EXPECT_EQ(
        read(a), std::to_string(-13 * kDay) + ":2/8 " + std::to_string(-7 * kDay) + ":2/14 " +
                     std::to_string(-kDay) + ":1/3 0:2/6 "
    );
}

TEST_P(MetricStoreContract, OldPointsBecomeCoarserAndGo) {
    const auto a = named("a");
    std::vector<MetricSample> minutes;
    for (std::int64_t i = 0; i < 20; ++i) minutes.push_back(sample(a, kStart + i * 60, 1));
    minutes.push_back(sample(a, kStart + 3, 5, 1));
    append(minutes);
    ASSERT_TRUE(wait(store->age(kStart + 600)));
    EXPECT_EQ(read(a, {kStart, kStart + 60, 1, {}}), "3:1/5 ");
    ASSERT_TRUE(wait(store->age(kStart + 5 * 3'600)));
    EXPECT_EQ(read(a, {kStart, kStart + 60, 1, {}}), "");
    EXPECT_EQ(read(a, {kStart, kStart + 60, 60, {}}), "0:2/6 ");
    ASSERT_TRUE(wait(store->age(kStart + 20 * kDay)));
    EXPECT_EQ(read(a), "");
    EXPECT_EQ(read(a, {kStart, kStart + kDay, 300, {}}), "0:6/10 300:5/5 600:5/5 900:5/5 ");
    EXPECT_EQ(list({}), "a ");
    ASSERT_TRUE(wait(store->age(kStart + 85 * kDay)));
    EXPECT_EQ(read(a, {kStart, kStart + kDay, 300, {}}), "");
    EXPECT_EQ(read(a, {kStart - 1'200, kStart + kDay, 3'600, {}}), "-1200:21/25 ");
    ASSERT_TRUE(wait(store->age(kStart + 620 * kDay)));
    EXPECT_EQ(read(a, {kStart - kDay, kStart + kDay, 2 * kDay, {}}), "");
    EXPECT_EQ(list({}), "");
}

TEST_P(MetricStoreContract, MetricsAreListed) {
    append({sample(named("a", {{"x", "1"}, {"y", "2"}}), kStart, 1), sample(named("b", {{"x", "2"}}), kStart, 1)});
    append({sample(named("c"), kStart - 3 * kDay, 1)});
    metric::Name foreign = named("d");
    foreign.account = "1";
    append({sample(foreign, kStart, 1)});
    EXPECT_EQ(list({}), "a b c ");
    EXPECT_EQ(list({.name = "b"}), "b ");
    EXPECT_EQ(list({.space = "Other"}), "");
    EXPECT_EQ(list({.dimensions = {{"x", {}}}}), "a b ");
    EXPECT_EQ(list({.dimensions = {{"x", {}}, {"y", "2"}}}), "a ");
    EXPECT_EQ(list({.dimensions = {{"x", "7"}}}), "");
    EXPECT_EQ(list({.active_since_s = kStart - kDay}), "a b ");
    EXPECT_EQ(list({.after = named("b", {{"x", "1"}})}), "b c ");
    EXPECT_EQ(list({.most = 2}), "a b ");
}

}  // namespace gantry::port
