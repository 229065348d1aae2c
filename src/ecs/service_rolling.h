#pragma once

#include "ecs/service_census.h"
#include "ecs/service_plan.h"

namespace gantry::ecs::scheduler {

// Which tasks to stop and to start, inside minimumHealthyPercent and maximumPercent. Reads the deployments as
// `plan` has them and adds to it; makes at most `budget` changes.
void roll(const Service& service, const Census& census, const Now& now, ServicePlan& plan, int budget);

}  // namespace gantry::ecs::scheduler
