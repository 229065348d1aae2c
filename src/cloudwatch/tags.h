#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "shapes/cloudwatch/shapes.h"

namespace gantry::cloudwatch {

// Adds or replaces tags. Error: InvalidParameterValue (reserved keys, more than 50).
Result<> add_tags(
    std::map<std::string, std::string>& tags, const std::vector<shapes::cloudwatch::Tag>& added
);

}  // namespace gantry::cloudwatch
