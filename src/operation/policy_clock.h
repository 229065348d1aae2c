#pragma once

#include <string>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "state/schema.h"

namespace gantry {

// Policy time jumped over (from, to): nothing was measured there, so alarms do not judge it.
struct PolicyJump {
    PolicyInstant from;
    PolicyInstant to;
    friend bool operator==(const PolicyJump&, const PolicyJump&) = default;
};
BOOST_DESCRIBE_STRUCT(PolicyJump, (), (from, to))

// How policy time is bent, one record, absent while nobody has bent it. From `real` on, policy time is
// `policy` plus `rate` times the real time since. Jumps: the newest kJumpsMax, oldest first.
struct PolicyClockRecord {
    static constexpr state::TableInfo kTable{"control.policy_clock", 1};
    static constexpr std::size_t kJumpsMax = 32;

    RealInstant real;
    PolicyInstant policy;
    double rate = 1;
    std::vector<PolicyJump> jumps;

    std::string key() const { return "clock"; }
    friend bool operator==(const PolicyClockRecord&, const PolicyClockRecord&) = default;
};
BOOST_DESCRIBE_STRUCT(PolicyClockRecord, (), (real, policy, rate, jumps))

}  // namespace gantry
