#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "codedeploy/application.h"
#include "shapes/codedeploy/shapes.h"

namespace gantry::codedeploy {

// Adds or replaces. Error: InvalidTagsToAddException (no key, reserved keys, more than fifty).
Result<> add_tags(Tags& tags, const std::vector<shapes::codedeploy::Tag>& added);

// BatchLimitExceededException.
Result<> check_batch(std::size_t names, std::size_t most);

}  // namespace gantry::codedeploy
