#pragma once

#include <vector>

#include "link/desired_task.h"
#include "port/container.h"
#include "worker/task_facts.h"

namespace gantry::worker {

// The volumes that a container sees: its mountPoints and, as with Docker's --volumes-from, every volume of the
// containers that volumesFrom names: what they mount, what their images declare as VOLUME, and what they have from
// others themselves. Own mountPoints win; of two that are inherited for one place the later. VOLUMEs of the
// container's own image are here only when another container takes them: else they are the runtime's matter.
//
// The containers that volumesFrom names have been created: their images are known.
std::vector<port::Mount> volume_mounts(
    const link::DesiredTask& task, const TaskFacts& facts, const link::DesiredContainer& container
);

}  // namespace gantry::worker
