#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "eventbus/bus.h"
#include "shapes/events/shapes.h"

namespace gantry::eventbus {

// Adds or replaces tags. ValidationException: reserved keys, more than 50.
Result<void> add_tags(Tags& tags, const std::optional<std::vector<shapes::events::Tag>>& added);

}  // namespace gantry::eventbus
