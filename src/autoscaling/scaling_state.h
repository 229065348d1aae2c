#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "state/schema.h"

namespace gantry::autoscaling {

// An alarm that has triggered a policy, in the state that it has been in since `transitioned`.
struct Trigger {
    std::string policy;  // its ARN
    std::string alarm;
    PolicyInstant transitioned;
    PolicyInstant at;  // when it was last looked at
    friend bool operator==(const Trigger&, const Trigger&) = default;
};
BOOST_DESCRIBE_STRUCT(Trigger, (), (policy, alarm, transitioned, at))

// What the scaling controller remembers of one scalable target.
struct ScalingStateRecord {
    static constexpr state::TableInfo kTable{"autoscaling.scaling_state", 1};

    std::string target;  // TargetRecord::key()
    std::vector<Trigger> triggers;
    // The cool-down of the last scale-out: until then what it added counts toward the next one.
    PolicyInstant out_until;
    int out_base = 0;  // the capacity before it
    PolicyInstant in_until;
    std::string activity;  // the key of the one that is not fulfilled yet

    std::string key() const { return target; }
    friend bool operator==(const ScalingStateRecord&, const ScalingStateRecord&) = default;
};
BOOST_DESCRIBE_STRUCT(ScalingStateRecord, (), (target, triggers, out_until, out_base, in_until, activity))

}  // namespace gantry::autoscaling
