#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "shapes/scheduler/shapes.h"

namespace gantry::scheduler {

// ValidationException: a key is AWS's own, or there are more than 50.
Result<void> add_tags(std::map<std::string, std::string>& tags, const std::vector<shapes::scheduler::Tag>& added);

}  // namespace gantry::scheduler
