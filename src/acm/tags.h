#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "shapes/acm/shapes.h"

namespace gantry::acm {

// Adds or replaces tags. Errors: InvalidTagException (reserved keys), TooManyTagsException (more than 50).
Result<> add_tags(std::map<std::string, std::string>& tags, const std::vector<shapes::acm::Tag>& added);

}  // namespace gantry::acm
