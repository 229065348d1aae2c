#include <set>

#include "autoscaling/capacity_change.h"
#include "autoscaling/page.h"
#include "autoscaling/removal.h"
#include "autoscaling/tags.h"
#include "autoscaling/target.h"
#include "state/txn.h"

namespace gantry::autoscaling {

using namespace shapes::applicationautoscaling;
using state::Txn;

namespace {

std::string linked_role(const Caller& caller) {
    return "arn:aws:iam::" + caller.account +
           ":role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
           "AWSServiceRoleForApplicationAutoScaling_ECSService";
}

Result<void> admit_capacity(const char* name, const std::optional<std::int32_t>& given, int& into) {
    if (!given) return {};
    if (*given < 0) return invalid(std::string(name) + " cannot be negative.");
    into = *given;
    return {};
}

ScalableTarget show(const TargetRecord& target) {
    ScalableTarget out;
    out.service_namespace = kNamespace;
    out.resource_id = target.resource;
    out.scalable_dimension = kDimension;
    out.min_capacity = target.min;
    out.max_capacity = target.max;
    out.role_arn = target.role_arn;
    out.creation_time = shapes::Timestamp{target.created.ms};
    out.scalable_target_arn = target.arn();
    auto& suspended = out.suspended_state.emplace();
    suspended.dynamic_scaling_in_suspended = target.scale_in_suspended;
    suspended.dynamic_scaling_out_suspended = target.scale_out_suspended;
    suspended.scheduled_scaling_suspended = target.schedules_suspended;
    return out;
}

}  // namespace

Result<state::Pinned<TargetRecord>> find_target(
    const state::View& view, const Caller& caller, const Resource& resource, const char* what
) {
    auto target = view.get<TargetRecord>(TargetRecord::key(caller.scope(), resource.id));
    if (!target) return refuse("ObjectNotFoundException", what + named(resource));
    return target;
}

// Registers, or changes what is given of a target that is registered, and scales the service into limits that
// changed. Tags are taken when it is registered only, as documented.
Result<RegisterScalableTargetResponse> register_scalable_target(
    Txn& txn, const RegisterScalableTargetRequest& request, const Caller& caller
) {
    TRY(const auto resource,
        admit_resource(request.service_namespace, request.resource_id, request.scalable_dimension));
    const auto service = find_service(txn, caller.scope(), resource);
    if (!service) return invalid("ECS service doesn't exist: " + resource.id);
    const auto known = txn.get<TargetRecord>(TargetRecord::key(caller.scope(), resource.id));
    TargetRecord target;
    if (known) {
        target = *known;
    } else {
        if (!request.min_capacity || !request.max_capacity) {
            return invalid("MinCapacity and MaxCapacity are required to register a new scalable target.");
        }
        target.account = caller.account;
        target.region = caller.region;
        target.resource = resource.id;
        target.id = txn.chance().hex(36);
        target.created = txn.now();
        target.role_arn = linked_role(caller);
        if (request.tags) TRY_VOID(add_tags(target.tags, *request.tags));
    }
    TRY_VOID(admit_capacity("MinCapacity", request.min_capacity, target.min));
    TRY_VOID(admit_capacity("MaxCapacity", request.max_capacity, target.max));
    if (target.max < target.min) return invalid("Maximum capacity cannot be less than minimum capacity");
    if (request.role_arn) {
        if (!request.role_arn->starts_with("arn:") || request.role_arn->find(":role/") == std::string::npos)
            return invalid("Invalid IAM role ARN: " + *request.role_arn);
        target.role_arn = *request.role_arn;
    }
    if (const auto& given = request.suspended_state) {
        const auto set = [](const std::optional<bool>& value, bool& into) { into = value.value_or(into); };
        set(given->dynamic_scaling_in_suspended, target.scale_in_suspended);
        set(given->dynamic_scaling_out_suspended, target.scale_out_suspended);
        set(given->scheduled_scaling_suspended, target.schedules_suspended);
    }
    RegisterScalableTargetResponse response;
    response.scalable_target_arn = target.arn();
    const SetLimits set{!known || known->min != target.min, !known || known->max != target.max};
    state::Plan plan;
    enforce_limits(txn, txn.turn(), target, set, *service, plan);
    txn.apply(plan);
    txn.put(std::move(target));
    return response;
}

// Its policies, their alarms and its scheduled actions go too; what does not fit into this transaction
// cannot be seen any more and is erased by the removal controller.
Result<DeregisterScalableTargetResponse> deregister_scalable_target(
    Txn& txn, const DeregisterScalableTargetRequest& request, const Caller& caller
) {
    TRY(const auto resource,
        admit_resource(request.service_namespace, request.resource_id, request.scalable_dimension));
    TRY(const auto target, find_target(txn, caller, resource, "No scalable target found for "));
    txn.erase<TargetRecord>(target->key());
    txn.apply(plan_removal(txn, target->key(), txn.turn()));
    return DeregisterScalableTargetResponse{};
}

// Other namespaces have no targets: an empty list is the truth.
Result<DescribeScalableTargetsResponse> describe_scalable_targets(
    Txn& txn, const DescribeScalableTargetsRequest& request, const Caller& caller
) {
    DescribeScalableTargetsResponse response;
    auto& list = response.scalable_targets.emplace();
    if (request.service_namespace != kNamespace ||
        request.scalable_dimension.value_or(kDimension) != kDimension)
        return response;
    std::vector<state::Pinned<TargetRecord>> found;
    if (request.resource_ids && !request.resource_ids->empty()) {
        for (const auto& id :
             std::set<std::string>(request.resource_ids->begin(), request.resource_ids->end())) {
            if (auto target = txn.get<TargetRecord>(TargetRecord::key(caller.scope(), id)))
                found.push_back(std::move(target));
        }
    } else {
        found = txn.list<TargetRecord>(caller.scope());
    }
    TRY(response.next_token, cut_page(found, caller.scope(), request.next_token, request.max_results));
    for (const auto& target : found) list.push_back(show(*target));
    return response;
}

}  // namespace gantry::autoscaling
