#pragma once

#include <cstdint>
#include <vector>

#include "operation/policy_clock.h"

namespace gantry::cloudwatch {

// The starts (seconds) of the newest `count` periods that have ended by `now`, oldest first. They end with a
// full minute, or with ten seconds for periods below a minute, and move on with each. Time that the policy
// clock has jumped over is cut out.
std::vector<std::int64_t> alarm_window(
    PolicyInstant now, std::int64_t period_s, std::size_t count, const std::vector<PolicyJump>& jumps
);

}  // namespace gantry::cloudwatch
