#pragma once

#include <string_view>
#include <vector>

#include "ec2/subnet.h"
#include "ecs/service_revision.h"
#include "ecs/task.h"
#include "link/desired_task.h"
#include "state/view.h"

namespace gantry::ecs {

// The records of a placed task in the words of the link: definition, overrides, interface, what is desired.
// The subnet is that of its interface; null when it is gone. The service's revision is null for a task of its own.
link::DesiredTask worker_spec(
    const TaskRecord& task,
    const RevisionRecord& revision,
    const ec2::SubnetRecord* subnet,
    const ServiceRevisionRecord* service_revision
);
// The same with the records looked up.
link::DesiredTask worker_spec(const state::View& view, const TaskRecord& task);

state::Pinned<ec2::SubnetRecord> subnet_of(const state::View& view, const TaskRecord& task);

// The tasks that this worker shall hold: placed and not yet STOPPED. What it holds beyond them it drops.
std::vector<state::Pinned<TaskRecord>> tasks_of_worker(const state::View& view, std::string_view worker);

}  // namespace gantry::ecs
