#include "autoscaling/schema.h"

#include "autoscaling/activity.h"
#include "autoscaling/policy.h"
#include "autoscaling/removal.h"
#include "autoscaling/scaling_controller.h"
#include "autoscaling/scaling_state.h"
#include "autoscaling/scheduled_action.h"
#include "autoscaling/scheduled_scaling.h"

namespace gantry::autoscaling {

void declare(state::Schema& schema) {
    schema.add_table<TargetRecord>();
    schema.add_index<TargetByArn>();
    schema.add_table<PolicyRecord>();
    schema.add_index<PolicyByArn>();
    schema.add_table<ScalingStateRecord>();
    schema.add_table<ScheduledActionRecord>();
    schema.add_table<ActivityRecord>();
    schema.add_index<ActivitiesByTime>();
    schema.add_index<ActivitiesByResource>();
}

std::vector<std::shared_ptr<const Controller>> controllers() {
    return {
        std::make_shared<ScheduledScaling>(), std::make_shared<ScalingController>(),
        std::make_shared<RemovalController>(), std::make_shared<ActivityExpiry>()};
}

}  // namespace gantry::autoscaling
