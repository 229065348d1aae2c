#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "shapes/operation.h"

namespace gantry::wire {

// Checks a decoded input against the model's constraints, as far as AWS's edge enforces them for that
// service; the rest is the service's own business (ECS checks names itself and says so in its own words).
// `missing`: absent required members, found while decoding.
Result<void> validate(
    const shapes::Operation& operation, const void* input, const std::vector<std::string>& missing
);

// Whether all of `text` matches a model's pattern (Java's syntax). True for patterns that RE2 cannot express.
bool matches_pattern(const char* pattern, const std::string& text);

}  // namespace gantry::wire
