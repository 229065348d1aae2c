#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace gantry::eventbus {

struct PatternNode;

// EventBridge's event pattern language, whole: exact values, prefix and suffix (also ignoring case),
// equals-ignore-case, wildcard, anything-but with all its forms, numeric, cidr, exists, $or, nesting; an
// array in an event matches by any of its elements, and what a pattern says of one object in an array must
// hold of the same object. Numbers are compared by value. Letters beyond ASCII have no other case.
class EventPattern {
  public:
    // InvalidEventPatternException, as "Event pattern is not valid. Reason: ...".
    static Result<EventPattern> parse(std::string_view text);

    bool matches(const boost::json::value& event) const;

  private:
    std::shared_ptr<const PatternNode> root_;
};

}  // namespace gantry::eventbus
