#include <algorithm>
#include <set>

#include "autoscaling/admit_policy.h"
#include "autoscaling/page.h"
#include "autoscaling/policy.h"
#include "autoscaling/removal.h"
#include "autoscaling/tracking_alarms.h"
#include "cloudwatch/owned_alarm.h"
#include "shapes/json.h"
#include "state/txn.h"

namespace gantry::autoscaling {

using namespace shapes::applicationautoscaling;
using cloudwatch::AlarmRecord;
using state::Txn;

namespace {

constexpr std::size_t policies_most = 50;
constexpr const char* kStep = "StepScaling";
constexpr const char* kTracking = "TargetTrackingScaling";

template <class T>
bool same(const std::optional<T>& left, const std::optional<T>& right) {
    return left.has_value() == right.has_value() && (!left || shapes::equal(*left, *right));
}

bool same_metric(
    const TargetTrackingScalingPolicyConfiguration& left,
    const TargetTrackingScalingPolicyConfiguration& right
) {
    return same(left.predefined_metric_specification, right.predefined_metric_specification) &&
           same(left.customized_metric_specification, right.customized_metric_specification);
}

// What the request says over what the policy was. A configuration replaces the one before; only the two
// members that AWS requires of a new one may be left out of a step configuration.
Result<void> take_configuration(const PutScalingPolicyRequest& request, PolicyRecord& policy) {
    if (policy.type == kStep) {
        if (request.target_tracking_scaling_policy_configuration)
            return invalid(
                "TargetTrackingScalingPolicyConfiguration cannot be specified with the policy type "
                "StepScaling"
            );
        if (auto step = request.step_scaling_policy_configuration) {
            if (policy.step && !step->adjustment_type) step->adjustment_type = policy.step->adjustment_type;
            if (policy.step && !step->step_adjustments)
                step->step_adjustments = policy.step->step_adjustments;
            policy.step = std::move(step);
        }
        policy.tracking.reset();
        if (!policy.step)
            return invalid("StepScalingPolicyConfiguration must be specified for the policy type StepScaling"
            );
        return admit_step(*policy.step);
    }
    if (request.step_scaling_policy_configuration) {
        return invalid(
            "StepScalingPolicyConfiguration cannot be specified with the policy type TargetTrackingScaling"
        );
    }
    if (request.target_tracking_scaling_policy_configuration)
        policy.tracking = request.target_tracking_scaling_policy_configuration;
    policy.step.reset();
    if (!policy.tracking) {
        return invalid(
            "TargetTrackingScalingPolicyConfiguration must be specified for the policy type "
            "TargetTrackingScaling"
        );
    }
    return admit_tracking(*policy.tracking);
}

Result<void> admit_among(const state::View& view, const TargetRecord& target, const PolicyRecord& policy) {
    std::size_t others = 0;
    for (const auto& other : view.list<PolicyRecord>(target.parts())) {
        if (other->target != target.id || other->name == policy.name) continue;
        ++others;
        if (policy.tracking && other->tracking && same_metric(*policy.tracking, *other->tracking)) {
            return invalid(
                "Only one TargetTrackingScaling policy for a given metric specification is allowed."
            );
        }
    }
    if (others >= policies_most)
        return refuse(
            "LimitExceededException", "A scalable target can have no more than 50 scaling policies."
        );
    return {};
}

// Puts the alarms that the policy owns, and erases those that it owned and needs no more.
Result<void> put_alarms(Txn& txn, const Resource& resource, const Caller& caller, PolicyRecord& policy) {
    std::vector<std::string> names;
    if (policy.tracking) {
        const auto fresh = [&] { return txn.chance().uuid(); };
        for (const auto& alarm : tracking_alarms(policy, resource, fresh)) {
            TRY(const auto put, cloudwatch::put_metric_alarm(txn, alarm, caller));
            (void)put;
            names.push_back(alarm.alarm_name);
        }
    }
    state::Plan plan;
    for (const auto& name : policy.alarms) {
        if (std::find(names.begin(), names.end(), name) == names.end())
            cloudwatch::erase_alarm(txn, txn.turn(), AlarmRecord::key(caller.scope(), name), plan);
    }
    txn.apply(plan);
    policy.alarms = std::move(names);
    return {};
}

// Its own ones, and those of others that act on it.
std::vector<Alarm> alarms_of(const state::View& view, const PolicyRecord& policy) {
    std::vector<Alarm> out;
    const auto key = cloudwatch::AlarmsByAction::key(policy.scope(), policy.arn());
    for (const auto& alarm : view.find<cloudwatch::AlarmsByAction>(key))
        out.push_back({alarm->definition.alarm_name, alarm->arn()});
    return out;
}

ScalingPolicy show(const state::View& view, const PolicyRecord& policy) {
    ScalingPolicy out;
    out.policy_arn = policy.arn();
    out.policy_name = policy.name;
    out.service_namespace = kNamespace;
    out.resource_id = policy.resource;
    out.scalable_dimension = kDimension;
    out.policy_type = policy.type;
    out.step_scaling_policy_configuration = policy.step;
    out.target_tracking_scaling_policy_configuration = policy.tracking;
    out.alarms = alarms_of(view, policy);
    out.creation_time = shapes::Timestamp{policy.created.ms};
    return out;
}

}  // namespace

// Puts a policy again under the ARN that it had.
Result<PutScalingPolicyResponse> put_scaling_policy(
    Txn& txn, const PutScalingPolicyRequest& request, const Caller& caller
) {
    TRY(const auto resource,
        admit_resource(request.service_namespace, request.resource_id, request.scalable_dimension));
    TRY(const auto target, find_target(txn, caller, resource));
    auto known = txn.get<PolicyRecord>(PolicyRecord::key(target->parts(), request.policy_name));
    if (known && known->target != target->id) {
        state::Plan plan;
        remove_policy(txn, *known, txn.turn(), plan);
        txn.apply(plan);
        known = nullptr;
    }
    PolicyRecord policy;
    if (known) {
        policy = *known;
    } else {
        if (!request.policy_type) return invalid("PolicyType must be specified for a new scaling policy");
        policy.account = caller.account;
        policy.region = caller.region;
        policy.resource = resource.id;
        policy.target = target->id;
        policy.name = request.policy_name;
        policy.id = txn.chance().uuid();
        policy.created = txn.now();
    }
    policy.type = request.policy_type.value_or(policy.type);
    if (policy.type != kStep && policy.type != kTracking)
        return invalid("Gantry does not implement the policy type " + policy.type + " yet.");
    if (request.predictive_scaling_policy_configuration)
        return invalid(
            "PredictiveScalingPolicyConfiguration cannot be specified with the policy type " + policy.type
        );
    TRY_VOID(take_configuration(request, policy));
    TRY_VOID(admit_among(txn, *target, policy));
    TRY_VOID(put_alarms(txn, resource, caller, policy));
    txn.put(policy);
    PutScalingPolicyResponse response;
    response.policy_arn = policy.arn();
    response.alarms = alarms_of(txn, policy);
    return response;
}

Result<DeleteScalingPolicyResponse> delete_scaling_policy(
    Txn& txn, const DeleteScalingPolicyRequest& request, const Caller& caller
) {
    TRY(const auto resource,
        admit_resource(request.service_namespace, request.resource_id, request.scalable_dimension));
    const auto target = txn.get<TargetRecord>(TargetRecord::key(caller.scope(), resource.id));
    const auto policy =
        target ? txn.get<PolicyRecord>(PolicyRecord::key(target->parts(), request.policy_name)) : nullptr;
    if (!policy || policy->target != target->id) {
        return refuse(
            "ObjectNotFoundException",
            "No scaling policy found for " + named(resource) + ", policy name: " + request.policy_name
        );
    }
    state::Plan plan;
    remove_policy(txn, *policy, txn.turn(), plan);
    txn.apply(plan);
    return DeleteScalingPolicyResponse{};
}

Result<DescribeScalingPoliciesResponse> describe_scaling_policies(
    Txn& txn, const DescribeScalingPoliciesRequest& request, const Caller& caller
) {
    DescribeScalingPoliciesResponse response;
    auto& list = response.scaling_policies.emplace();
    if (request.service_namespace != kNamespace ||
        request.scalable_dimension.value_or(kDimension) != kDimension)
        return response;
    std::set<std::string> names;
    if (const auto& given = request.policy_names) names.insert(given->begin(), given->end());
    auto found = txn.list<PolicyRecord>(
        request.resource_id ? TargetRecord::key(caller.scope(), *request.resource_id) + "/" : caller.scope()
    );
    std::erase_if(found, [&](const auto& policy) {
        const auto target = txn.get<TargetRecord>(TargetRecord::key(policy->scope(), policy->resource));
        return !target || target->id != policy->target || (!names.empty() && !names.contains(policy->name));
    });
    TRY(response.next_token, cut_page(found, caller.scope(), request.next_token, request.max_results));
    for (const auto& policy : found) list.push_back(show(txn, *policy));
    return response;
}

}  // namespace gantry::autoscaling
