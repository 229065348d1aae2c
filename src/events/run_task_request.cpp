#include "events/run_task_request.h"

#include <boost/json.hpp>

#include "shapes/json.h"

namespace gantry::events {

namespace json = boost::json;

Result<std::optional<shapes::ecs::TaskOverride>> task_overrides(const std::string& input) {
    if (input.empty()) return std::optional<shapes::ecs::TaskOverride>();
    boost::system::error_code wrong;
    const auto given = json::parse(input, wrong);
    if (wrong || !given.is_object()) return trouble(Errc::invalid, "the input of an ECS target is no JSON object");
    // An event as it is has none of these.
    json::object known;
    for (const char* name :
         {"containerOverrides", "cpu", "memory", "taskRoleArn", "executionRoleArn", "ephemeralStorage"}) {
        if (const auto* value = given.get_object().if_contains(name)) known[name] = *value;
    }
    if (known.empty()) return std::optional<shapes::ecs::TaskOverride>();
    TRY(auto overrides, shapes::from_json<shapes::ecs::TaskOverride>(json::value(std::move(known))));
    return std::optional(std::move(overrides));
}

Result<shapes::ecs::RunTaskRequest> run_task_request(
    const shapes::events::Target& target, const std::string& input
) {
    if (!target.ecs_parameters) return trouble(Errc::invalid, "the target has no EcsParameters");
    const auto& given = *target.ecs_parameters;
    shapes::ecs::RunTaskRequest request;
    request.cluster = target.arn;
    request.task_definition = given.task_definition_arn;
    request.count = given.task_count.value_or(1);
    request.launch_type = given.launch_type;
    request.platform_version = given.platform_version;
    request.group = given.group;
    request.enable_ecs_managed_tags = given.enable_ecs_managed_tags;
    request.enable_execute_command = given.enable_execute_command;
    request.propagate_tags = given.propagate_tags;
    request.reference_id = given.reference_id;
    if (given.network_configuration && given.network_configuration->awsvpc_configuration) {
        const auto& from = *given.network_configuration->awsvpc_configuration;
        shapes::ecs::AwsVpcConfiguration network;
        network.subnets = from.subnets;
        network.security_groups = from.security_groups;
        network.assign_public_ip = from.assign_public_ip;
        request.network_configuration.emplace().awsvpc_configuration = std::move(network);
    }
    if (given.capacity_provider_strategy && !given.capacity_provider_strategy->empty()) {
        auto& strategy = request.capacity_provider_strategy.emplace();
        for (const auto& from : *given.capacity_provider_strategy) {
            auto& item = strategy.emplace_back();
            item.capacity_provider = from.capacity_provider;
            item.base = from.base;
            item.weight = from.weight;
        }
    }
    if (given.placement_constraints) {
        for (const auto& from : *given.placement_constraints) {
            if (!request.placement_constraints) request.placement_constraints.emplace();
            auto& constraint = request.placement_constraints->emplace_back();
            constraint.type = from.type;
            constraint.expression = from.expression;
        }
    }
    if (given.placement_strategy) {
        for (const auto& from : *given.placement_strategy) {
            if (!request.placement_strategy) request.placement_strategy.emplace();
            auto& strategy = request.placement_strategy->emplace_back();
            strategy.type = from.type;
            strategy.field = from.field;
        }
    }
    if (given.tags && !given.tags->empty()) {
        auto& tags = request.tags.emplace();
        for (const auto& from : *given.tags) {
            auto& tag = tags.emplace_back();
            tag.key = from.key;
            tag.value = from.value;
        }
    }
    TRY(request.overrides, task_overrides(input));
    return request;
}

RetryPolicy retry_policy(const shapes::events::Target& target) {
    RetryPolicy policy;
    if (!target.retry_policy) return policy;
    policy.attempts = target.retry_policy->maximum_retry_attempts.value_or(policy.attempts);
    if (const auto age = target.retry_policy->maximum_event_age_in_seconds) policy.age = std::chrono::seconds(*age);
    return policy;
}

}  // namespace gantry::events
