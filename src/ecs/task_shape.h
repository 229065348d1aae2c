#pragma once

#include "ecs/task.h"
#include "shapes/ecs/shapes.h"
#include "state/view.h"

namespace gantry::ecs {

// A task as DescribeTasks, RunTask and StopTask show it.
shapes::ecs::Task task_shape(const state::View& view, const TaskRecord& task, bool with_tags);
// The same of pinned records; `revision` is the task's, or null if there is none.
shapes::ecs::Task task_shape(const TaskRecord& task, const RevisionRecord* revision, bool with_tags);

// The uuid of its network interface's attachment.
std::string attachment_id(const TaskRecord& task);

}  // namespace gantry::ecs
