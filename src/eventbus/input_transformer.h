#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "base/result.h"
#include "eventbus/rule.h"

namespace gantry::eventbus {

// Refuses what EventBridge refuses of Input, InputPath and InputTransformer (ValidationException).
Result<void> admit_input(const shapes::events::Target& target);

// What the target gets of an event: as its Input, InputPath or InputTransformer says, else the event as it is.
// `event` is the parsed `text`. Of a path at which nothing stands remains an empty text.
std::string input_of(
    const shapes::events::Target& target,
    const RuleRecord& rule,
    const boost::json::value& event,
    const std::string& text,
    PolicyInstant ingested
);

}  // namespace gantry::eventbus
