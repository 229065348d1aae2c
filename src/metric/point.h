#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metric/values.h"

namespace gantry::metric {

// What was measured in the `width_s` seconds from `at_s` (seconds of the epoch) on, in one unit.
struct Point {
    std::int64_t at_s = 0;
    std::int64_t width_s = 60;
    std::string unit;
    Values values;
    friend bool operator==(const Point&, const Point&) = default;
};

// [start, end), cut into periods that are counted from start. A unit leaves out all others.
struct Span {
    std::int64_t start_s = 0;
    std::int64_t end_s = 0;
    std::int64_t period_s = 60;
    std::optional<std::string> unit;
};

// Puts points together into a span's periods, one for each unit. Points that are wider than the period are
// left out: how they spread over it is not known any more.
class Fold {
  public:
    explicit Fold(Span span) : span_(std::move(span)) {}

    void add(const Point& point);
    // By time, then unit; at_s is a period's start. Periods without data are not there.
    std::vector<Point> take();

  private:
    Span span_;
    std::map<std::pair<std::int64_t, std::string>, Values> periods_;
};

constexpr std::int64_t round_down(std::int64_t value, std::int64_t step) {
    const std::int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

}  // namespace gantry::metric
