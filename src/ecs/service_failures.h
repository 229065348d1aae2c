#pragma once

#include "ecs/service_census.h"
#include "ecs/service_plan.h"

// Failures to start: counted for the circuit breaker, and answered by starting again later and later.
namespace gantry::ecs::scheduler {

// Counts the tasks that ended by themselves. `budget` is how many changes may still be made.
void note_ended(const Service& service, const Now& now, ServicePlan& plan, int& budget);

// A task that serves for the first time ends its deployment's row of failures.
void note_served(const Census& census, ServicePlan& plan, int& budget);

// Ends a deployment that has failed too often, that a user wants to end, one of whose alarms or lifecycle hooks says so,
// or whose traffic cannot be moved: FAILED, and back to what served before where that is wanted and there is one.
void break_circuit(const Service& service, const Now& now, ServicePlan& plan);

}  // namespace gantry::ecs::scheduler
