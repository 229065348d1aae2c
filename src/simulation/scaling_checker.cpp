#include "simulation/scaling_checker.h"

#include <algorithm>
#include <cstdlib>

#include "ecs/service.h"
#include "ecs/task.h"
#include "scheduler/schedule.h"

namespace gantry::simulation {

using autoscaling::ActivityRecord;
using autoscaling::TargetRecord;

namespace {

constexpr std::int64_t kHour = 3'600'000;

std::string resource_of(const ecs::ServiceRecord& service) { return "service/" + service.cluster + "/" + service.name; }

bool of_schedule(const ecs::TaskRecord& task) { return task.started_by.starts_with("chronos-schedule/"); }

template <class R>
const R* after(const state::Schema& schema, const state::Change& change) {
    return change.table == schema.table_of<R>() ? static_cast<const R*>(change.after.get()) : nullptr;
}

}  // namespace

void ScalingChecker::subscribe(control::Loop& loop) {
    loop.on_loaded([this](const state::View& view) { loaded(view); });
    loop.on_durable([this, &loop](const state::ChangeSet& changes) { durable(loop.schema(), changes); });
}

// What a commit of unknown outcome has stored is seen here first.
void ScalingChecker::loaded(const state::View& view) {
    for (const auto& activity : view.list<ActivityRecord>()) {
        const auto known = counts_.find(activity->resource);
        note(*activity, known == counts_.end() ? 0 : known->second);
    }
    for (const auto& target : view.list<TargetRecord>()) targets_[target->resource] = *target;
    for (const auto& service : view.list<ecs::ServiceRecord>()) counts_[resource_of(*service)] = service->desired_count;
    for (const auto& task : view.list<ecs::TaskRecord>())
        if (of_schedule(*task)) tasks_.insert(task->id);
    for (const auto& schedule : view.list<scheduler::ScheduleRecord>()) {
        since_ = schedule->since.ms;
        if (schedule->ran) runs_.insert(schedule->ran->ms);
    }
}

void ScalingChecker::durable(const state::Schema& schema, const state::ChangeSet& changes) {
    const auto counts_before = counts_;
    for (const auto& change : changes) {
        if (const auto* target = after<TargetRecord>(schema, change)) targets_[target->resource] = *target;
        if (const auto* service = after<ecs::ServiceRecord>(schema, change))
            counts_[resource_of(*service)] = service->desired_count;
        if (const auto* task = after<ecs::TaskRecord>(schema, change); task && of_schedule(*task)) tasks_.insert(task->id);
        if (const auto* schedule = after<scheduler::ScheduleRecord>(schema, change)) {
            since_ = schedule->since.ms;
            if (schedule->ran) runs_.insert(schedule->ran->ms);
        }
    }
    for (const auto& change : changes) {
        const auto* activity = after<ActivityRecord>(schema, change);
        if (activity == nullptr) continue;
        const auto known = counts_before.find(activity->resource);
        note(*activity, known == counts_before.end() ? 0 : known->second);
    }
}

void ScalingChecker::note(const ActivityRecord& activity, int before) {
    if (!activities_.insert(activity.key()).second) return;
    constexpr std::string_view setting = "Setting desired count to ";
    if (activity.cause == "scheduled action name hourly was triggered" &&
        !hours_.insert(activity.start.ms / kHour).second)
        checker_.violation("the hourly action ran twice in an hour: " + activity.key());
    if (activity.description.starts_with(setting))
        note_scaling(activity, before, std::atoi(activity.description.c_str() + setting.size()));
}

void ScalingChecker::note_scaling(const ActivityRecord& activity, int before, int count) {
    const auto& target = targets_[activity.resource];
    const std::string what =
        activity.resource + " from " + std::to_string(before) + " to " + std::to_string(count) + ": " + activity.cause;
    checker_.event("scaled " + what);
    if (count < target.min || count > target.max) checker_.violation("out of its range is scaled " + what);
    if (!activity.cause.starts_with("monitor alarm")) return;
    auto& course = courses_[activity.resource];
    const auto now = activity.start;
    const bool cooling = now < course.out_until;
    if (count > before) {
        if (!cooling) course.out_base = before;
        const int base = std::min(course.out_base, before);
        if (count > std::max(base + step_most_, target.min))
            checker_.violation("more than a step in a cool-down is added by " + what);
        course.out_until = now + cooldown_;
        course.in_until = {};
        return;
    }
    ++scaled_in_;
    if (cooling || now < course.in_until) checker_.violation("inside a cool-down is scaled in " + what);
    course.in_until = now + cooldown_;
}

void ScalingChecker::end(Duration period, PolicyInstant now) {
    for (auto at = since_; at <= now.ms; at += period.count()) {
        if (!runs_.contains(at)) checker_.violation("a run is missing: " + format_iso8601(at));
    }
    for (const auto at : runs_) {
        if ((at - since_) % period.count() != 0) checker_.violation("a run is none of the schedule's: " + format_iso8601(at));
    }
    if (tasks_.size() != runs_.size()) {
        checker_.violation(
            std::to_string(runs_.size()) + " runs have started " + std::to_string(tasks_.size()) + " tasks"
        );
    }
    if (hours_.empty()) return;
    for (auto hour = *hours_.begin(); hour <= *hours_.rbegin(); ++hour)
        if (!hours_.contains(hour)) checker_.violation("the hourly action did not run at " + format_iso8601(hour * kHour));
}

}  // namespace gantry::simulation
