#pragma once

#include <string>

#include "base/result.h"
#include "events/delivery.h"
#include "shapes/ecs/shapes.h"
#include "shapes/events/shapes.h"

namespace gantry::events {

// What an ECS target asks of RunTask. `input`: JSON; what of it a TaskOverride knows overrides.
// Errc::invalid: the input is no object, or no override of its form.
Result<shapes::ecs::RunTaskRequest> run_task_request(
    const shapes::events::Target& target, const std::string& input
);

// Task overrides of a target's input. Empty input: none.
Result<std::optional<shapes::ecs::TaskOverride>> task_overrides(const std::string& input);

RetryPolicy retry_policy(const shapes::events::Target& target);

}  // namespace gantry::events
