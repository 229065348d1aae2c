#include "elbv2/judgement.h"

namespace gantry::elbv2 {

using link::ProbeOutcome;

TargetHealth judge(const TargetGroupRecord& group, const TargetRecord& target) {
    const auto& check = group.health_check;
    const auto& seen = target.observed;
    if (target.health == TargetHealth::draining || seen.outcome == ProbeOutcome::none) return target.health;
    if (seen.outcome != ProbeOutcome::success) {
        return seen.streak >= check.unhealthy_threshold ? TargetHealth::unhealthy : target.health;
    }
    const bool first_is_enough = group.application() && target.health == TargetHealth::initial;
    const int needed = first_is_enough ? 1 : check.healthy_threshold;
    return seen.streak >= needed ? TargetHealth::healthy : target.health;
}

namespace {

// AWS tells why only for application balancers.
HealthWords failure(const TargetGroupRecord& group, const link::ObservedTarget& seen) {
    if (group.application() && seen.outcome == ProbeOutcome::timeout)
        return {"unhealthy", "Target.Timeout", "Request timed out"};
    if (group.application() && seen.outcome == ProbeOutcome::wrong_response && seen.http_status != 0) {
        return {
            "unhealthy", "Target.ResponseCodeMismatch",
            "Health checks failed with these codes: [" + std::to_string(seen.http_status) + "]"
        };
    }
    return {"unhealthy", "Target.FailedHealthChecks", "Health checks failed"};
}

}  // namespace

HealthWords describe(const TargetGroupRecord& group, const TargetRecord& target, bool in_use) {
    if (target.health == TargetHealth::draining) {
        return {
            "draining", "Target.DeregistrationInProgress", "Target deregistration is in progress"
        };
    }
    if (!in_use) {
        return {
            "unused", "Target.NotInUse",
            "Target group is not configured to receive traffic from the load balancer"
        };
    }
    switch (target.health) {
        case TargetHealth::healthy:
            return {"healthy", "", ""};
        case TargetHealth::unhealthy:
            return failure(group, target.observed);
        default:
            break;
    }
    if (target.observed.outcome == ProbeOutcome::none)
        return {"initial", "Elb.RegistrationInProgress", "Target registration is in progress"};
    return {"initial", "Elb.InitialHealthChecking", "Initial health checks in progress"};
}

HealthWords describe_unregistered() {
    return {"unused", "Target.NotRegistered", "Target is not registered to the target group"};
}

}  // namespace gantry::elbv2
