#pragma once

#include "eventbus/find_bus.h"
#include "eventbus/rule.h"

namespace gantry::eventbus {

// ResourceNotFoundException: there is no such bus or no such rule on it.
Result<RuleRecord> find_rule(
    const state::View& view,
    const Caller& caller,
    const std::optional<std::string>& bus_name,
    const std::string& name
);

}  // namespace gantry::eventbus
