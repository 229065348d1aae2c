#pragma once

#include <vector>

#include "ecs/service.h"
#include "ecs/service_revision.h"
#include "ecs/task.h"
#include "state/plan.h"
#include "state/turn.h"
#include "state/view.h"

namespace gantry::ecs {

// One step of bringing a service's tasks into its load balancers and out of them again; plans nothing when
// none waits for that. A service that is no more may be null: then nothing is told of it.
//
//   ACTIVATING (its containers run)      → registered, RUNNING
//   to be stopped, registered            → draining, DEACTIVATING
//   no target is left, or it is dead,
//   or hangs                             → deregistered: its worker may send the stop signal, STOPPING
void move_targets(
    const state::View& view,
    const state::Turn& turn,
    const std::vector<state::Pinned<TaskRecord>>& tasks,
    ServiceRecord* service,
    state::Plan& plan
);

}  // namespace gantry::ecs
