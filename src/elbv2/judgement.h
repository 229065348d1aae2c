#pragma once

#include <string>

#include "elbv2/target.h"
#include "elbv2/target_group.h"

// Who is healthy: from what a worker counted, by the group's thresholds. Pure.
namespace gantry::elbv2 {

// A new target of an application balancer is healthy from its first success on, one of a network balancer
// after the healthy threshold; later both need the thresholds. Without a probe yet, nothing changes. A
// draining target stays so.
TargetHealth judge(const TargetGroupRecord& group, const TargetRecord& target);

// How DescribeTargetHealth words a target's state.
struct HealthWords {
    std::string state;  // "initial", "healthy", "unhealthy", "draining", "unused"
    std::string reason, description;
    friend bool operator==(const HealthWords&, const HealthWords&) = default;
};
HealthWords describe(const TargetGroupRecord& group, const TargetRecord& target, bool in_use);
// A target that is not there.
HealthWords describe_unregistered();

}  // namespace gantry::elbv2
