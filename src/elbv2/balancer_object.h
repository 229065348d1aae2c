#pragma once

#include <vector>

#include "elbv2/listener.h"
#include "elbv2/load_balancer.h"
#include "elbv2/target.h"
#include "elbv2/target_group.h"
#include "link/balancer_objects.h"
#include "state/view.h"

// Records as workers are told of them.
namespace gantry::elbv2 {

// certificates: per listener, in the listener's order; those that are gone are left out.
link::LoadBalancer balancer_object(
    const LoadBalancerRecord& balancer,
    const std::vector<state::Pinned<ListenerRecord>>& listeners,
    const std::vector<std::vector<link::BalancerCertificate>>& certificates
);

// `targets`: only those that are in use.
link::TargetGroup group_object(
    const TargetGroupRecord& group,
    const LoadBalancerRecord& balancer,
    const std::vector<state::Pinned<TargetRecord>>& targets
);

// The last action decides (those before it authenticate).
link::BalancerAction action_object(const std::vector<shapes::elbv2::Action>& actions);
link::BalancerCondition condition_object(const shapes::elbv2::RuleCondition& condition);

}  // namespace gantry::elbv2
