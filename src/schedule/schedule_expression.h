#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "base/instant.h"
#include "base/result.h"
#include "schedule/cron_expression.h"

namespace gantry::schedule {

// at(2030-01-31T12:00:00): once, on a wall clock.
struct At {
    std::chrono::local_seconds time;
};
// rate(5 minutes): 1 minute, hour or day, or more minutes, hours or days.
struct Rate {
    Duration period;
};

using ScheduleExpression = std::variant<At, Rate, CronExpression>;

// Errc::invalid, with what is wrong.
Result<ScheduleExpression> parse_schedule(std::string_view text);

// Whether it will fire after `now`, on its own wall clock.
bool will_fire(const ScheduleExpression& schedule, std::chrono::local_seconds now);

}  // namespace gantry::schedule
