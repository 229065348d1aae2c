#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "schedule/schedule_expression.h"

namespace gantry::schedule {

// When a schedule fires, on the wall clock of a time zone (is_time_zone). What a wall clock leaves out when
// it is put forward is left out; what it shows twice when it is put back fires the first time only. An at()
// in a gap is at the gap's end. A rate fires whole periods after `anchor`, in whatever zone.
class Timetable {
  public:
    Timetable(ScheduleExpression schedule, std::string_view zone, PolicyInstant anchor);

    // The first time after `after`. Absent: never again.
    std::optional<PolicyInstant> next(PolicyInstant after) const;
    // The last time after `after` and not after `until`.
    std::optional<PolicyInstant> last(PolicyInstant after, PolicyInstant until) const;

  private:
    ScheduleExpression schedule_;
    std::string zone_;
    PolicyInstant anchor_;
};

}  // namespace gantry::schedule
