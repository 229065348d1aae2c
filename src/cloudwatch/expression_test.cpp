#include "cloudwatch/expression.h"

#include <gtest/gtest.h>

#include <sstream>

namespace gantry::cloudwatch {
namespace {

std::string show(const MathValue& value) {
    std::ostringstream out;
    if (const auto* number = std::get_if<double>(&value)) out << *number;
    if (const auto* series = std::get_if<TimeSeries>(&value))
        for (const auto& [at, one] : series->points) out << at << ":" << one << " ";
    if (const auto* array = std::get_if<SeriesArray>(&value))
        for (const auto& one : *array) out << one.id << "{" << show(MathValue{one.series}) << "}";
    return out.str();
}

std::string eval(const std::string& text) {
    MathScope scope;
    scope.start_s = 0;
    scope.end_s = 240;
    scope.known = {
        {"m1", TimeSeries{60, {{0, 1}, {60, 2}, {180, 4}}}},
        {"m2", TimeSeries{60, {{0, 10}, {120, 30}, {180, 0}}}},
        {"e1", TimeSeries{60, {{0, 5}}}},
    };
    scope.metrics = {"m1", "m2"};
    const auto expression = Expression::parse(text);
    if (!expression) return "refused";
    const auto value = expression->evaluate(scope);
    return value ? show(*value) : "refused: " + value.error().message;
}

TEST(Expression, Arithmetic) {
    EXPECT_EQ(eval("1 + 2 * 3 ^ 2 - -4 / 2"), "21");
    EXPECT_EQ(eval("(1 + 2) * 3"), "9");
    EXPECT_EQ(eval("m1 + m2"), "0:11 180:4 ");
    EXPECT_EQ(eval("100*m1/m2"), "0:10 ");
    EXPECT_EQ(eval("-m1"), "0:-1 60:-2 180:-4 ");
    EXPECT_EQ(eval("m1 * 2 >= 4"), "0:0 60:1 180:1 ");
    EXPECT_EQ(eval("m1 > 1 AND m1 < 4"), "0:0 60:1 180:0 ");
    EXPECT_EQ(eval("METRICS() * 2"), "m1{0:2 60:4 180:8 }m2{0:20 120:60 180:0 }");
}

TEST(Expression, Functions) {
    EXPECT_EQ(eval("SUM(METRICS())"), "0:11 60:2 120:30 180:4 ");
    EXPECT_EQ(eval("sum([m1, m2])"), "0:11 60:2 120:30 180:4 ");
    EXPECT_EQ(eval("AVG(m1)"), "2.33333");
    EXPECT_EQ(eval("MAX(METRICS(\"m2\"))"), "0:10 120:30 180:0 ");
    EXPECT_EQ(eval("m1 / PERIOD(m1) * 60"), "0:1 60:2 180:4 ");
    EXPECT_EQ(eval("FILL(m1, 0)"), "0:1 60:2 120:0 180:4 ");
    EXPECT_EQ(eval("FILL(m1, REPEAT)"), "0:1 60:2 120:2 180:4 ");
    EXPECT_EQ(eval("FILL(m1, LINEAR)"), "0:1 60:2 120:3 180:4 ");
    EXPECT_EQ(eval("RATE(m1) * 60"), "60:1 180:1 ");
    EXPECT_EQ(eval("DIFF(m1)"), "60:1 180:2 ");
    EXPECT_EQ(eval("RUNNING_SUM(m1)"), "0:1 60:3 180:7 ");
    EXPECT_EQ(eval("IF(m1 > 1, m1, 0)"), "0:0 60:2 180:4 ");
    EXPECT_EQ(eval("IF(m1 > 1, 7)"), "60:7 180:7 ");
    EXPECT_EQ(eval("METRIC_COUNT(METRICS())"), "2");
    EXPECT_EQ(eval("LAST(METRICS()) + FIRST(METRICS())"), "0:11 180:4 ");
    EXPECT_EQ(eval("TIME_SERIES(3)"), "0:3 60:3 120:3 180:3 ");
    EXPECT_EQ(eval("CEIL(m1 / 3)"), "0:1 60:1 180:2 ");
}

TEST(Expression, WhatIsNone) {
    for (const char* text : {"", "1 +", "(1", "m1 m2", "SUM(m1", "[m1", "\"x", "1 $ 2", "ANDY(", "+"})
        EXPECT_EQ(eval(text), "refused") << text;
    EXPECT_EQ(eval(std::string(5'000, '(')), "refused");
    EXPECT_EQ(eval(std::string(5'000, '-') + "1"), "refused");
    EXPECT_EQ(eval("m9"), "refused: The expression names 'm9', which is not there.");
    EXPECT_EQ(eval("SEARCH('a', 'b')").substr(0, 7), "refused");
    EXPECT_EQ(eval("[1]").substr(0, 7), "refused");
    EXPECT_EQ(eval("m1 + \"a\"").substr(0, 7), "refused");
}

}  // namespace
}  // namespace gantry::cloudwatch
