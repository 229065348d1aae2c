#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gantry::schedule {

// A minute as a wall clock shows it, in whatever time zone.
using WallMinute = std::chrono::local_time<std::chrono::minutes>;

// AWS's cron fields: minutes, hours, day of month, month, day of week, year, separated by blanks. Lists,
// ranges, steps and names as documented for EventBridge; L and W in the day of month, L and # in the day of
// week (1 is Sunday). One of the two day fields, and only one, is '?'. Years 1970 to 2199.
class CronExpression {
  public:
    // Errc::invalid, with what is wrong.
    static Result<CronExpression> parse(std::string_view fields);

    // The first minute after `after` that it names. Absent: there is none until the end of 2199.
    std::optional<WallMinute> next(WallMinute after) const;

  private:
    static constexpr int kFirstYear = 1970;
    static constexpr int kYears = 230;

    // A day of the week in a month: the n-th, or (0) the last.
    struct NthWeekday {
        unsigned weekday;
        unsigned nth;
    };

    Result<void> parse_month_days(std::string_view text);
    Result<void> parse_week_days(std::string_view text);
    bool names_day(std::chrono::year_month_day day) const;
    bool names_week_day(std::chrono::year_month_day day) const;
    std::optional<std::chrono::minutes> minute_of_day(std::chrono::minutes from) const;

    std::bitset<60> minutes_;
    std::bitset<24> hours_;
    std::bitset<13> months_;
    std::bitset<kYears> years_;

    bool by_week_ = false;  // the day of month is '?'
    std::bitset<32> month_days_;
    bool last_day_ = false;
    bool last_weekday_ = false;               // LW: the month's last day from Monday to Friday
    std::vector<unsigned> nearest_weekdays_;  // 15W: the day from Monday to Friday nearest to the 15th
    std::bitset<8> week_days_;
    std::vector<NthWeekday> nth_weekdays_;
};

}  // namespace gantry::schedule
