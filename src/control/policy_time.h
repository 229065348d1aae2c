#pragma once

#include <optional>

#include "operation/policy_clock.h"
#include "state/txn.h"

namespace gantry::control {

// Policy time at a moment of real time, as the record bends it (unbent: the same number).
PolicyInstant policy_at(const PolicyClockRecord* clock, RealInstant real);
// The first moment of real time at which policy_at() reaches `policy`.
RealInstant real_at(const PolicyClockRecord* clock, PolicyInstant policy);

// `gantry clock advance`: forward only, at most ten years at once. ValidationException otherwise.
Result<void> advance_policy_time(state::Txn& txn, Duration by);
// `gantry clock rate`: from now on policy time runs that much faster; 0.001 to 100,000.
Result<void> set_policy_rate(state::Txn& txn, double rate);

}  // namespace gantry::control
