#pragma once

#include <string>
#include <string_view>

#include "ecs/task.h"
#include "operation/caller.h"
#include "state/view.h"

namespace gantry::ecs {

// The id in a task's short or full name. InvalidParameterException in ECS's words for what cannot be one. An
// ARN of another cluster, account or region gives an id that this cluster does not have.
Result<std::string> task_id(std::string_view text, std::string_view cluster, const Caller& caller);

}  // namespace gantry::ecs
