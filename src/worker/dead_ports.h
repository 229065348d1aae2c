#pragma once

#include "link/desired_task.h"
#include "worker/balancer_plan.h"
#include "worker/task_facts.h"

namespace gantry::worker {

// Where nobody of this task answers any more: the ports that its ended containers had mapped; everything (0)
// when nothing that was started runs, or its network is gone. A task that has not started yet has none: its
// targets are not registered then.
DeadPorts dead_ports(const link::DesiredTask& task, const TaskFacts& facts);

}  // namespace gantry::worker
