#pragma once

#include <string>

#include "autoscaling/activity.h"
#include "autoscaling/scaling_state.h"
#include "autoscaling/target.h"
#include "ecs/service.h"
#include "state/plan.h"
#include "state/turn.h"
#include "state/view.h"

namespace gantry::autoscaling {

// A new activity of this target, that starts now: InProgress.
ActivityRecord begin_activity(const state::Turn& turn, const TargetRecord& target, std::string cause);

// Sets the service's desired count, with an activity that is InProgress until as many tasks run; one that was
// InProgress becomes Overridden. `state` remembers the activity; who calls stores it.
void change_capacity(
    const state::View& view,
    const state::Turn& turn,
    const TargetRecord& target,
    const ecs::ServiceRecord& service,
    int capacity,
    std::string cause,
    ScalingStateRecord& state,
    state::Plan& plan
);

// Which of a target's limits were set just now.
struct SetLimits {
    bool min = false;
    bool max = false;
};

// A service below a minimum that was set is scaled out to it at once, one above a maximum that was set is scaled
// in to it, with AWS's causes ("minimum capacity was set to 3"). No cool-down, suspension of dynamic scaling or
// deployment holds that up: those stand in the way of policies. A count that an operator has set outside the range
// stays until a limit is set again.
void enforce_limits(
    const state::View& view,
    const state::Turn& turn,
    const TargetRecord& target,
    SetLimits set,
    const ecs::ServiceRecord& service,
    state::Plan& plan
);

}  // namespace gantry::autoscaling
