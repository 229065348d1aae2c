#pragma once

#include <optional>

#include "ecs/service.h"
#include "ecs/service_revision.h"
#include "ecs/task.h"
#include "state/turn.h"
#include "state/view.h"

namespace gantry::ecs {

// A new task of the service: PROVISIONING, with a fresh id, of group "service:NAME", started by
// "ecs-svc/DEPLOYMENT", with the tags that the service propagates. No worker, and no capacity provider: where
// the revision has a strategy, the caller chooses. Its
// first change is the caller's to note. Absent when the task definition is no more.
std::optional<TaskRecord> service_task(
    const state::View& view,
    const ServiceRecord& service,
    const ServiceRevisionRecord& revision,
    const state::Turn& turn
);

}  // namespace gantry::ecs
