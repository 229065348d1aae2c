#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace gantry::autoscaling {

// Adds or replaces tags. ValidationException: a reserved key; TooManyTagsException: more than 50.
Result<> add_tags(std::map<std::string, std::string>& tags, const std::map<std::string, std::string>& added);

}  // namespace gantry::autoscaling
