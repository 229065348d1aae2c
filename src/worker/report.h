#pragma once

#include "link/desired_task.h"
#include "link/observed_task.h"
#include "worker/task_facts.h"

namespace gantry::worker {

// What the control plane is told of a task. Containers that never ran in a stopped task count as STOPPED.
link::ObservedTask observed_task(const link::DesiredTask& task, const TaskFacts& facts);

}  // namespace gantry::worker
