#pragma once

#include "operation/caller.h"
#include "scheduler/schedule.h"

namespace gantry::scheduler {

// AWS's rules for a schedule, and for its target: ValidationException. `before`: the schedule as it was, or null; what it has
// already is not refused for having become past.
Result<void> admit_schedule(const ScheduleRecord& schedule, const ScheduleRecord* before, PolicyInstant now);

// An ECS cluster with EcsParameters, or an event bus with EventBridgeParameters, of the caller's account and region. Others,
// dead-letter queues and universal targets are refused by name. Fills in what AWS gives back for what is not given.
Result<void> admit_target(shapes::scheduler::Target& target, const Caller& caller);

}  // namespace gantry::scheduler
