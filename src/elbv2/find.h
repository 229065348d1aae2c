#pragma once

#include <string>

#include "base/result.h"
#include "elbv2/listener.h"
#include "elbv2/load_balancer.h"
#include "elbv2/target_group.h"
#include "operation/caller.h"
#include "state/view.h"

// The caller's resources by ARN, with AWS's refusals: ValidationError for what is no ARN of that kind, …NotFound
// for what does not exist in the caller's account and region.
namespace gantry::elbv2 {

Result<state::Pinned<LoadBalancerRecord>> find_balancer(
    const state::View& view, const Caller& caller, const std::string& arn
);
Result<state::Pinned<TargetGroupRecord>> find_group(
    const state::View& view, const Caller& caller, const std::string& arn
);
Result<state::Pinned<ListenerRecord>> find_listener(
    const state::View& view, const Caller& caller, const std::string& arn
);

// Null: not there. A malformed ARN is refused all the same; deleting what is gone succeeds on AWS.
Result<state::Pinned<LoadBalancerRecord>> look_for_balancer(
    const state::View& view, const Caller& caller, const std::string& arn
);
Result<state::Pinned<TargetGroupRecord>> look_for_group(
    const state::View& view, const Caller& caller, const std::string& arn
);

// A rule and the listener it is of. The default rule has no entry in ListenerRecord::rules: `at` is kDefault.
struct FoundRule {
    static constexpr std::size_t kDefault = static_cast<std::size_t>(-1);
    state::Pinned<ListenerRecord> listener;
    std::size_t at = kDefault;
};
Result<FoundRule> find_rule(const state::View& view, const Caller& caller, const std::string& arn);

tl::unexpected<Error> invalid(std::string message);                // ValidationError
tl::unexpected<Error> invalid_configuration(std::string message);  // InvalidConfigurationRequest
// What Elastic Load Balancing has and Gantry has not: InvalidConfigurationRequest.
tl::unexpected<Error> not_built(const std::string& what);

}  // namespace gantry::elbv2
