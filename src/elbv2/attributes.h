#pragma once

#include "base/instant.h"
#include "base/result.h"
#include "elbv2/listener.h"
#include "elbv2/load_balancer.h"
#include "elbv2/target_group.h"

// The attributes of balancers, target groups and listeners: AWS's defaults, and what may be set. Absent from
// an answer is what AWS does not show for that kind.
namespace gantry::elbv2 {

// All that the resource has, with the defaults of those that nobody set.
Attributes attributes_of(const LoadBalancerRecord& balancer);
Attributes attributes_of(const TargetGroupRecord& group);
Attributes attributes_of(const ListenerRecord& listener);

// Changes some; a key that AWS does not know for this kind of resource, or a bad value, is refused.
Result<> set_attributes(LoadBalancerRecord& balancer, const Attributes& changes);
Result<> set_attributes(TargetGroupRecord& group, const Attributes& changes);
Result<> set_attributes(ListenerRecord& listener, const Attributes& changes);

// deregistration_delay.timeout_seconds.
Duration deregistration_delay(const TargetGroupRecord& group);

}  // namespace gantry::elbv2
