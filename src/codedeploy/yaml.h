#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "base/result.h"

namespace gantry::codedeploy {

// A YAML document as JSON: numbers without quotes become integers, other scalars text. Refused with
// InvalidRevisionException: what is not YAML, and what its aliases would make larger than a person writes.
Result<boost::json::value> parse_yaml(std::string_view text);

}  // namespace gantry::codedeploy
