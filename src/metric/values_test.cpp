#include "metric/values.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "metric/point.h"
#include "metric/statistic.h"

namespace gantry::metric {
namespace {

double ask(const char* statistic, const Values& values) {
    return Statistic::parse(statistic).value().of(values).value_or(std::nan(""));
}

TEST(Values, FewAreKeptExactly) {
    Values values;
    for (const double one : {4.0, 1.0, 3.0, 2.0, 3.0}) values.add(one);
    EXPECT_EQ(values.count(), 5);
    EXPECT_EQ(values.sum(), 13);
    EXPECT_EQ(values.min(), 1);
    EXPECT_EQ(values.max(), 4);
    EXPECT_EQ(values.percentile(0), 1);
    EXPECT_EQ(values.percentile(20), 1);
    EXPECT_EQ(values.percentile(50), 3);
    EXPECT_EQ(values.percentile(80), 3);
    EXPECT_EQ(values.percentile(81), 4);
    EXPECT_EQ(values.kept().size(), 4u);
}

TEST(Values, ManyAreBoundedAndRanksStayNear) {
    Values values;
    // A permutation of 0 … 99,999 without chance.
    for (int i = 0; i < 100'000; ++i) values.add(static_cast<double>((i * 7'919LL) % 100'000));
    EXPECT_LE(values.kept().size(), 2 * Values::kKeptMost);
    EXPECT_EQ(values.count(), 100'000);
    EXPECT_EQ(values.max(), 99'999);
    for (const double p : {1.0, 10.0, 50.0, 90.0, 99.0, 99.9})
        EXPECT_NEAR(values.percentile(p).value(), p * 1'000, 1'500) << p;
}

TEST(Values, MergingIsAddingInAnyOrder) {
    Values left;
    Values right;
    Values all;
    for (int i = 0; i < 50; ++i) {
        const double value = (i * 37) % 50;
        (i % 3 == 0 ? left : right).add(value, 2);
        all.add(value, 2);
    }
    Values other = right;
    other.merge(left);
    left.merge(right);
    EXPECT_EQ(left, all);
    EXPECT_EQ(other, all);
}

TEST(Values, StatisticSetsHaveNoPercentiles) {
    auto values = Values::summary(10, 55, 1, 10);
    EXPECT_EQ(ask("Average", values), 5.5);
    EXPECT_FALSE(values.percentile(50));
    EXPECT_EQ(Values::summary(3, 6, 2, 2).percentile(50), 2);
    auto mixed = Values::of(4);
    mixed.merge(values);
    EXPECT_EQ(mixed.count(), 11);
    EXPECT_FALSE(mixed.percentile(50));
}

TEST(Statistic, OfParts) {
    Values values;
    for (int i = 1; i <= 10; ++i) values.add(i);
    EXPECT_EQ(ask("SampleCount", values), 10);
    EXPECT_EQ(ask("p90", values), 9);
    EXPECT_EQ(ask("p99.9", values), 10);
    EXPECT_EQ(ask("tm90", values), 5);
    EXPECT_EQ(ask("TM(10%:90%)", values), 5.5);
    EXPECT_EQ(ask("TM(2:4)", values), 3.5);
    EXPECT_EQ(ask("TM(:4)", values), 2.5);
    EXPECT_EQ(ask("wm90", values), 5.4);
    EXPECT_EQ(ask("WM(10%:90%)", values), 5.5);
    EXPECT_EQ(ask("tc80", values), 8);
    EXPECT_EQ(ask("ts80", values), 36);
    EXPECT_EQ(ask("PR(:3)", values), 30);
    EXPECT_EQ(ask("PR(3:5)", values), 20);
    EXPECT_EQ(ask("IQM", values), 5.5);
    for (const char* wrong : {"", "average", "p", "p101", "p-1", "p1.12345678901", "tm", "TM(10%:5)", "TM(9:2)",
                              "PR(10%:20%)", "pr90", "TM()", "TM(:)", "p9x"})
        EXPECT_FALSE(Statistic::parse(wrong)) << wrong;
}

TEST(Fold, PeriodsAreCountedFromTheStart) {
    Fold fold({.start_s = 420, .end_s = 1'020, .period_s = 300});
    for (std::int64_t at = 360; at <= 1'020; at += 60) fold.add({at, 60, "Count", Values::of(1)});
    fold.add({480, 60, "None", Values::of(7)});
    fold.add({480, 3'600, "Count", Values::of(100)});
    const auto points = fold.take();
    ASSERT_EQ(points.size(), 3u);
    EXPECT_EQ(points[0].at_s, 420);
    EXPECT_EQ(points[0].values.count(), 5);
    EXPECT_EQ(points[1].unit, "None");
    EXPECT_EQ(points[2].at_s, 720);
    EXPECT_EQ(points[2].values.count(), 5);
}

}  // namespace
}  // namespace gantry::metric
