#pragma once

#include <string>
#include <vector>

#include "ecs/service.h"
#include "ecs/service_course.h"
#include "ecs/service_revision.h"
#include "elbv2/listener_route.h"
#include "state/plan.h"
#include "state/view.h"

// How production and test traffic come to a service whose deployments shift it: weights of two target groups in rules
// of its load balancers' listeners.
namespace gantry::ecs {

// A fresh revision takes the target groups that `blue` does not have, where the deployment shifts traffic; else it
// stays in those that it has. `blue` may be null.
void take_turns(ServiceRevisionRecord& revision, const ServiceRevisionRecord* blue, bool shifts);

// Whether the traffic has to be moved from one to the other because they are in different target groups, whatever the
// strategy: a listener sends blue's group all, and is not asked by rolling updates.
bool apart(const ServiceRevisionRecord& revision, const ServiceRevisionRecord& blue);

// What the scheduler knows of it.
scheduler::Traffic traffic_of(const state::View& view, const ServiceRecord& service, const scheduler::Course& course);

// Plans the listeners that do not send what the course says.
void shift_traffic(
    const state::View& view, const ServiceRecord& service, const scheduler::Course& course, state::Plan& plan
);

}  // namespace gantry::ecs
