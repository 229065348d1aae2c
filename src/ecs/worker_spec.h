#pragma once

#include <string_view>
#include <vector>

#include "ecs/task.h"
#include "link/desired_task.h"
#include "state/view.h"

namespace gantry::ecs {

// The records of a placed task in the words of the link: definition, overrides, interface, what is desired.
link::DesiredTask worker_spec(const state::View& view, const TaskRecord& task);

// The tasks that this worker shall hold: placed and not yet STOPPED. What it holds beyond them it drops.
std::vector<state::Pinned<TaskRecord>> tasks_of_worker(const state::View& view, std::string_view worker);

}  // namespace gantry::ecs
