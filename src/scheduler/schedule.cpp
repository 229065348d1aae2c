#include "scheduler/schedule.h"

#include <algorithm>

#include "schedule/next_run.h"

namespace gantry::scheduler {

namespace {

struct Runs {
    schedule::Timetable times;
    PolicyInstant after;
    std::optional<PolicyInstant> until;
};

std::optional<Runs> runs_of(const ScheduleRecord& record) {
    const auto parsed = schedule::parse_schedule(record.expression);
    if (!parsed) return std::nullopt;
    PolicyInstant anchor = record.since, after = record.since;
    if (const auto* rate = std::get_if<schedule::Rate>(&*parsed)) {
        const auto first = record.start.value_or(record.since);
        anchor = first - rate->period;
        after = std::max(record.since, first) - Duration(1);
    } else if (std::holds_alternative<schedule::CronExpression>(*parsed) && record.start) {
        after = std::max(after, *record.start - Duration(1));
    }
    if (record.ran) after = std::max(after, *record.ran);
    const bool once = std::holds_alternative<schedule::At>(*parsed);
    return Runs{schedule::Timetable(*parsed, record.zone, anchor), after, once ? std::nullopt : record.end};
}

}  // namespace

std::optional<PolicyInstant> ScheduleRecord::next_run() const {
    const auto runs = runs_of(*this);
    const auto found = runs ? runs->times.next(runs->after) : std::nullopt;
    return found && runs->until && *found > *runs->until ? std::nullopt : found;
}

std::optional<PolicyInstant> ScheduleRecord::last_run(PolicyInstant now) const {
    const auto runs = runs_of(*this);
    if (!runs) return std::nullopt;
    return runs->times.last(runs->after, runs->until ? std::min(*runs->until, now) : now);
}

}  // namespace gantry::scheduler
