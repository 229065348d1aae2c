#pragma once

#include <boost/json/object.hpp>

#include "base/result.h"
#include "eventbus/pattern_node.h"

namespace gantry::eventbus {

// How deep a pattern may nest.
inline constexpr int kPatternDepthMax = 32;

// The error's message is the reason alone.
Result<PatternNode> parse_pattern(const boost::json::object& pattern, int depth = 0);
// One entry of a field's array.
Result<ValueTest> parse_value_test(const boost::json::value& entry);

}  // namespace gantry::eventbus
