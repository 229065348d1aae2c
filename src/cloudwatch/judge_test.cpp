#include "cloudwatch/judge.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <optional>
#include <random>

#include "cloudwatch/alarm_window.h"
#include "cloudwatch/naive_judge.h"

namespace gantry::cloudwatch {
namespace {

using shapes::cloudwatch::PutMetricAlarmRequest;

constexpr std::int64_t kStart = 1'700'000'400;

PutMetricAlarmRequest alarm(int wanted, int needed, const std::string& missing) {
    PutMetricAlarmRequest out;
    out.alarm_name = "a";
    out.comparison_operator = "GreaterThanThreshold";
    out.evaluation_periods = wanted;
    out.datapoints_to_alarm = needed;
    out.threshold = 10;
    out.period = 60;
    out.statistic = "Average";
    out.treat_missing_data = missing;
    return out;
}

// X: breaching, 0: not, -: missing; oldest first, as CloudWatch's documentation writes it.
std::vector<JudgedPeriod> periods(const std::string& text) {
    std::vector<JudgedPeriod> all;
    for (const char c : text) {
        auto& one = all.emplace_back();
        one.at_s = kStart + 60 * static_cast<std::int64_t>(all.size());
        if (c != '-') one.value = c == 'X' ? 20 : 5;
        one.samples = c == '-' ? 0 : 3;
    }
    return all;
}

std::string verdict(const PutMetricAlarmRequest& given, const std::string& text) {
    const auto found = judge(given, AlarmState::OK, periods(text), PolicyInstant{(kStart + 600) * 1'000});
    return found ? state_text(found->state) : "retained";
}

std::vector<std::string> four(int wanted, int needed, const std::string& text) {
    std::vector<std::string> all;
    for (const char* missing : {"missing", "ignore", "breaching", "notBreaching"})
        all.push_back(verdict(alarm(wanted, needed, missing), text));
    return all;
}

using Four = std::vector<std::string>;

TEST(Judge, ThreeOfThreeAsDocumented) {
    EXPECT_EQ(four(3, 3, "0-X-X"), (Four{"OK", "OK", "OK", "OK"}));
    EXPECT_EQ(four(3, 3, "----0"), (Four{"OK", "OK", "OK", "OK"}));
    EXPECT_EQ(four(3, 3, "-----"), (Four{"INSUFFICIENT_DATA", "retained", "ALARM", "OK"}));
    EXPECT_EQ(four(3, 3, "0XX-X"), (Four{"ALARM", "ALARM", "ALARM", "ALARM"}));
    EXPECT_EQ(four(3, 3, "--X--"), (Four{"ALARM", "retained", "ALARM", "OK"}));
}

TEST(Judge, TwoOfThreeAsDocumented) {
    EXPECT_EQ(four(3, 2, "0-X-X"), (Four{"ALARM", "ALARM", "ALARM", "ALARM"}));
    EXPECT_EQ(four(3, 2, "00X0X"), (Four{"ALARM", "ALARM", "ALARM", "ALARM"}));
    EXPECT_EQ(four(3, 2, "0-X--"), (Four{"OK", "OK", "ALARM", "OK"}));
    EXPECT_EQ(four(3, 2, "----0"), (Four{"OK", "OK", "ALARM", "OK"}));
    EXPECT_EQ(four(3, 2, "---X-"), (Four{"ALARM", "retained", "ALARM", "OK"}));
}

TEST(Judge, Comparisons) {
    auto given = alarm(1, 1, "missing");
    given.threshold = 20;
    EXPECT_EQ(verdict(given, "--X"), "OK");
    given.comparison_operator = "GreaterThanOrEqualToThreshold";
    EXPECT_EQ(verdict(given, "--X"), "ALARM");
    given.comparison_operator = "LessThanThreshold";
    EXPECT_EQ(verdict(given, "--X"), "OK");
    EXPECT_EQ(verdict(given, "--0"), "ALARM");
    given.comparison_operator = "LessThanOrEqualToThreshold";
    EXPECT_EQ(verdict(given, "--X"), "ALARM");
}

TEST(Judge, ReasonsInCloudWatchsWords) {
    const auto of = [](const PutMetricAlarmRequest& given, const std::string& text) {
        return judge(given, AlarmState::OK, periods(text), PolicyInstant{(kStart + 600) * 1'000}).value();
    };
    EXPECT_EQ(
        of(alarm(2, 2, "missing"), "00XX").reason,
        "Threshold Crossed: 2 out of the last 2 datapoints [20.0 (14/11/23 22:24:00), 20.0 (14/11/23 22:23:00)] were "
        "greater than the threshold (10.0) (minimum 2 datapoints for OK -> ALARM transition)."
    );
    EXPECT_EQ(
        of(alarm(2, 2, "missing"), "00X0").reason,
        "Threshold Crossed: 1 out of the last 2 datapoints [5.0 (14/11/23 22:24:00)] was not greater than the threshold "
        "(10.0) (minimum 1 datapoint for ALARM -> OK transition)."
    );
    EXPECT_EQ(of(alarm(2, 2, "missing"), "----").reason, "Insufficient Data: 2 datapoints were unknown.");
    EXPECT_EQ(
        of(alarm(1, 1, "breaching"), "---").reason,
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as "
        "[Breaching]."
    );
    const auto verdict = of(alarm(2, 2, "missing"), "0X0X");
    EXPECT_EQ(verdict.recent, (std::vector<double>{5, 20}));
    const auto data = boost::json::parse(verdict.reason_data).as_object();
    EXPECT_EQ(data.at("recentDatapoints"), boost::json::parse("[5.0, 20.0]"));
    EXPECT_EQ(data.at("startDate").as_string(), "2023-11-14T22:23:00.000+0000");
    EXPECT_EQ(data.at("threshold").as_double(), 10);
}

TEST(Judge, PercentilesOfFewSamplesMayBeIgnored) {
    auto given = alarm(1, 1, "missing");
    given.statistic.reset();
    given.extended_statistic = "p90";
    EXPECT_EQ(verdict(given, "00X"), "ALARM");
    given.evaluate_low_sample_count_percentile = "ignore";
    EXPECT_EQ(verdict(given, "00X"), "retained");
}

TEST(Judge, AgreesWithANaiveEvaluation) {
    std::mt19937 chance(7);
    for (int i = 0; i < 4'000; ++i) {
        const int wanted = 1 + static_cast<int>(chance() % 6);
        const int needed = 1 + static_cast<int>(chance() % static_cast<unsigned>(wanted));
        const std::string missing = std::vector<std::string>{"missing", "ignore", "breaching", "notBreaching"}[chance() % 4];
        std::string text;
        for (std::size_t j = 0; j < judged_range(alarm(wanted, needed, missing)); ++j) text += "X0-"[chance() % 3];
        ASSERT_EQ(verdict(alarm(wanted, needed, missing), text), naive_judge(wanted, needed, missing, text))
            << text << " " << needed << " of " << wanted << " " << missing;
    }
}

TEST(AlarmWindow, EndsWithTheLastFullMinuteAndCutsJumpsOut) {
    const PolicyInstant now{(kStart + 75) * 1'000};
    EXPECT_EQ(alarm_window(now, 60, 3, {}), (std::vector{kStart - 120, kStart - 60, kStart}));
    EXPECT_EQ(alarm_window(now, 300, 2, {}), (std::vector{kStart - 540, kStart - 240}));
    EXPECT_EQ(alarm_window(now, 10, 2, {}), (std::vector{kStart + 50, kStart + 60}));
    // From the midst of a minute to the midst of another.
    const std::vector<PolicyJump> jumps{{PolicyInstant{(kStart - 990) * 1'000}, PolicyInstant{(kStart - 30) * 1'000}}};
    EXPECT_EQ(alarm_window(now, 60, 3, jumps), (std::vector{kStart - 1'140, kStart - 1'080, kStart}));
}

}  // namespace
}  // namespace gantry::cloudwatch
