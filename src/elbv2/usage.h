#pragma once

#include <string_view>

#include "elbv2/listener.h"
#include "elbv2/load_balancer.h"
#include "elbv2/target.h"
#include "state/view.h"

// Who uses a target group: it has at most one load balancer, as on AWS.
namespace gantry::elbv2 {

// Null: no listener or rule forwards to the group.
state::Pinned<LoadBalancerRecord> balancer_of(const state::View& view, std::string_view group);

// Whether the target gets traffic and is probed: its group has a balancer, and that has an interface in the
// target's zone. What is not in use shows as `unused`.
bool in_use(const state::View& view, const TargetRecord& target);

// The balancer's listeners, in the order of their ids.
std::vector<state::Pinned<ListenerRecord>> listeners_of(const state::View& view, std::string_view balancer);
// The groups that they forward to: record keys, each once.
std::vector<std::string> groups_of_balancer(const state::View& view, std::string_view balancer);

}  // namespace gantry::elbv2
