#include "cloudwatch/judge_reason.h"

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace gantry::cloudwatch {
namespace {

// "97.5", "4.0": always with a point, as Java writes doubles.
std::string number(double value) {
    std::array<char, 40> text{};
    for (const int digits : {15, 17}) {
        std::snprintf(text.data(), text.size(), "%.*g", digits, value);
        if (std::strtod(text.data(), nullptr) == value) break;
    }
    std::string out = text.data();
    if (out.find_first_of(".en") == std::string::npos) out += ".0";
    return out;
}

std::chrono::sys_seconds moment(std::int64_t at_s) { return std::chrono::sys_seconds(std::chrono::seconds(at_s)); }

struct Parts {
    int year, month, day, hour, minute, second;
};

Parts parts(std::int64_t at_s) {
    const auto day = std::chrono::floor<std::chrono::days>(moment(at_s));
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(moment(at_s) - day);
    return {
        int(date.year()),
        int(unsigned(date.month())),
        int(unsigned(date.day())),
        int(time.hours().count()),
        int(time.minutes().count()),
        int(time.seconds().count())
    };
}

// 23/11/26 22:13:00
std::string short_time(std::int64_t at_s) {
    const auto p = parts(at_s);
    std::array<char, 64> text{};
    std::snprintf(
        text.data(), text.size(), "%02d/%02d/%02d %02d:%02d:%02d", p.day, p.month, p.year % 100, p.hour, p.minute,
        p.second
    );
    return text.data();
}

std::string long_time(std::int64_t at_ms) {
    const auto p = parts(at_ms / 1'000);
    std::array<char, 80> text{};
    std::snprintf(
        text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03d+0000", p.year, p.month, p.day, p.hour,
        p.minute, p.second, int(at_ms % 1'000)
    );
    return text.data();
}

std::string plural(std::size_t count, const char* noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string comparison(const std::string& op) {
    if (op == "GreaterThanThreshold") return "greater than";
    if (op == "GreaterThanOrEqualToThreshold") return "greater than or equal to";
    if (op == "LessThanThreshold") return "less than";
    return "less than or equal to";
}

std::string transition(const Judged& judged) {
    const bool alarm = judged.state == AlarmState::ALARM;
    const auto wanted = static_cast<std::size_t>(*judged.alarm.evaluation_periods);
    const auto least = alarm ? judged.needed : wanted - judged.needed + 1;
    return " (minimum " + plural(least, "datapoint") + " for " + (alarm ? "OK -> ALARM" : "ALARM -> OK") +
           " transition).";
}

std::string reason(const Judged& judged) {
    if (judged.state == AlarmState::INSUFFICIENT_DATA) {
        return "Insufficient Data: " + plural(judged.filled, "datapoint") +
               (judged.filled == 1 ? " was" : " were") + " unknown.";
    }
    const bool treated = judged.alarm.treat_missing_data == "breaching" ||
                         judged.alarm.treat_missing_data == "notBreaching";
    const std::string fill = plural(judged.filled, "missing datapoint") + (judged.filled == 1 ? " was" : " were") +
                             " treated as [" +
                             (judged.alarm.treat_missing_data == "breaching" ? "Breaching" : "NonBreaching") + "]";
    if (judged.real.empty()) {
        return "Threshold Crossed: no datapoints were received for " + plural(judged.filled, "period") + " and " +
               fill + ".";
    }
    // Those that speak for the state.
    std::string list;
    std::size_t count = 0;
    for (const auto* one : judged.real) {
        if (breaches(judged.alarm, *one->value) != (judged.state == AlarmState::ALARM)) continue;
        list += (list.empty() ? "" : ", ") + number(*one->value) + " (" + short_time(one->at_s) + ")";
        ++count;
    }
    std::string text = "Threshold Crossed: ";
    if (judged.filled > 0 && treated) text += fill + " and ";
    text += std::to_string(count) + " out of the last " + plural(judged.real.size(), "datapoint") + " [" + list +
            "] " + (count == 1 ? "was " : "were ") + (judged.state == AlarmState::ALARM ? "" : "not ") +
            comparison(*judged.alarm.comparison_operator) + " the threshold (" + number(*judged.alarm.threshold) +
            ")";
    return text + transition(judged);
}

}  // namespace

Verdict explain(const Judged& judged) {
    Verdict verdict;
    verdict.state = judged.state;
    verdict.reason = reason(judged);
    boost::json::object data;
    data["version"] = "1.0";
    data["queryDate"] = long_time(judged.now.ms);
    if (!judged.real.empty()) data["startDate"] = long_time(judged.real.back()->at_s * 1'000);
    if (judged.alarm.unit) data["unit"] = *judged.alarm.unit;
    if (judged.alarm.statistic) data["statistic"] = *judged.alarm.statistic;
    if (judged.alarm.extended_statistic) data["statistic"] = *judged.alarm.extended_statistic;
    if (judged.alarm.period) data["period"] = *judged.alarm.period;
    boost::json::array recent;
    boost::json::array evaluated;
    for (auto at = judged.real.rbegin(); at != judged.real.rend(); ++at) {
        const auto& one = **at;
        recent.emplace_back(*one.value);
        verdict.recent.push_back(*one.value);
    }
    for (const auto* one : judged.real) {
        boost::json::object point;
        point["timestamp"] = long_time(one->at_s * 1'000);
        if (one->samples > 0) point["sampleCount"] = one->samples;
        point["value"] = *one->value;
        evaluated.emplace_back(std::move(point));
    }
    data["recentDatapoints"] = std::move(recent);
    data["threshold"] = *judged.alarm.threshold;
    if (!evaluated.empty()) data["evaluatedDatapoints"] = std::move(evaluated);
    verdict.reason_data = boost::json::serialize(data);
    return verdict;
}

}  // namespace gantry::cloudwatch
