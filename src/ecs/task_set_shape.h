#pragma once

#include "ecs/task_set.h"
#include "shapes/ecs/shapes.h"

namespace gantry::ecs {

// As CreateTaskSet, DescribeTaskSets and DescribeServices show it: counts from the indexes. `tags` is empty
// unless they are asked for.
shapes::ecs::TaskSet task_set_shape(const state::View& view, const TaskSetRecord& set, bool with_tags);

}  // namespace gantry::ecs
