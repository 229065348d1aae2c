#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace gantry::cloudwatch {

// Values by time (seconds); `period_s` apart, with gaps where there was no data.
struct TimeSeries {
    std::int64_t period_s = 60;
    std::map<std::int64_t, double> points;
    friend bool operator==(const TimeSeries&, const TimeSeries&) = default;
};

struct LabelledSeries {
    std::string id;
    TimeSeries series;
};
using SeriesArray = std::vector<LabelledSeries>;

// What a part of an expression stands for. A text is an argument only.
using MathValue = std::variant<double, TimeSeries, SeriesArray, std::string>;

// What an expression may name. Ids in the order of the request.
struct MathScope {
    std::int64_t start_s = 0;
    std::int64_t end_s = 0;
    std::vector<std::pair<std::string, MathValue>> known;
    std::vector<std::string> metrics;  // ids that are metrics, not expressions: what METRICS() gives
};

// CloudWatch's metric math: arithmetic, comparisons and logic over numbers, time series and arrays of them, and
// functions: ABS AVG CEIL DIFF FILL FIRST FLOOR IF LAST LOG LOG10 MAX METRIC_COUNT METRICS MIN PERIOD RATE
// RUNNING_SUM STDDEV SUM TIME_SERIES. SEARCH, anomaly detection and the other ones are refused by name.
class Expression {
  public:
    struct Node;

    // Refuses (ValidationError) what is no expression.
    static Result<Expression> parse(std::string_view text);

    // The ids that it names; METRICS() names none.
    std::vector<std::string> names() const;
    // Refuses operands that do not fit and ids that are not known.
    Result<MathValue> evaluate(const MathScope& scope) const;

  private:
    explicit Expression(std::shared_ptr<const Node> root) : root_(std::move(root)) {}
    std::shared_ptr<const Node> root_;
};

}  // namespace gantry::cloudwatch
