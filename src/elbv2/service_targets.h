#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "elbv2/target.h"
#include "state/plan.h"
#include "state/turn.h"
#include "state/view.h"

// What ecs asks of elbv2. ECS words the errors, so they are values here. ecs watches TargetRecord for what
// becomes of its targets.
namespace gantry::elbv2 {

// A target group that a service may name.
struct ServiceGroup {
    std::string key;  // the record's
    std::string arn;
    std::string vpc;
    std::string protocol;
    std::string target_type;  // "ip", "instance", "alb", "lambda"
    bool has_load_balancer = false;
    bool application = false;  // of an application load balancer's protocols
};
// Absent: there is no such group in this account and region.
std::optional<ServiceGroup> find_service_group(
    const state::View& view, const std::string& account, const std::string& region, const std::string& arn
);

// By the record's key. A group may be deleted under the services that name it, as on AWS.
bool group_exists(const state::View& view, const std::string& group);

// What a service needs to know of one of its tasks' targets.
struct ServiceTarget {
    TargetHealth health = TargetHealth::initial;
    // No listener forwards to the group (any more): nobody probes, so waiting for health is vain.
    bool unused = false;
    // AWS's reason and description as DescribeTargetHealth has them ("Target.Timeout", "Request timed out").
    std::string reason;
    std::string description;
};
// Absent: it is not registered, or its draining is over.
std::optional<ServiceTarget> service_target(
    const state::View& view, const std::string& group, const std::string& owner
);

// Registers and deregisters; several may go into one plan together with what else the caller plans.
//
// Registering again what is registered for the same owner changes nothing; what another owner left there
// (draining, or not) is replaced.
void register_target(
    const state::View& view,
    const state::Turn& turn,
    const std::string& group,
    const std::string& address,
    int port,
    const std::string& zone,
    const std::string& owner,
    state::Plan& plan
);
// Begins to drain: no new flow, the group's deregistration delay for open ones. Repeating it does not
// lengthen the delay. A target that gets no traffic (its group is unused) goes at once.
void drain_targets(
    const state::View& view, const state::Turn& turn, const std::string& owner, state::Plan& plan
);
// The task is dead: its targets go at once, and workers end the flows to them.
void drop_targets(const state::View& view, const std::string& owner, state::Plan& plan);

}  // namespace gantry::elbv2
