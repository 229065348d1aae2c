#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "elbv2/scope.h"
#include "shapes/elbv2/shapes.h"

namespace gantry::elbv2 {

// Adds or replaces. Refused: a key twice in one request (DuplicateTagKeys), reserved keys, more than fifty
// (TooManyTags).
Result<> put_tags(Tags& tags, const std::vector<shapes::elbv2::Tag>& added);
// Those that a creating request brings.
Result<Tags> requested_tags(const std::optional<std::vector<shapes::elbv2::Tag>>& added);

}  // namespace gantry::elbv2
