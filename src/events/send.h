#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "eventbus/rule.h"
#include "state/plan.h"
#include "state/turn.h"

namespace gantry::events {

// An event that a rule sends to its targets.
struct Sent {
    const eventbus::RuleRecord& rule;
    const boost::json::value& event;
    const std::string& text;  // the same
    PolicyInstant at;         // when it happened
};

// Plans the delivery of the event to the target: one record, or none if it cannot be delivered (overrides that
// are none) or is older than the target's retry policy takes. Returns the record's size in bytes.
std::size_t send(
    const state::Turn& turn, const Sent& sent, const shapes::events::Target& target, state::Plan& plan
);

}  // namespace gantry::events
