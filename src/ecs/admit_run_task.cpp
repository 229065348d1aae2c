#include "ecs/admit_run_task.h"

#include <algorithm>

#include "ecs/admit_cluster.h"
#include "ecs/admit_network.h"
#include "ecs/admit_service.h"
#include "ecs/admit_task_definition.h"
#include "ecs/task_size.h"
#include "shapes/json.h"

namespace gantry::ecs {

using namespace shapes::ecs;

namespace {

constexpr const char* kInvalid = "InvalidParameterException";

bool compatible(const RevisionRecord& revision, std::string_view launch_type) {
    const auto& types = *revision.definition.compatibilities;
    return std::find(types.begin(), types.end(), launch_type) != types.end();
}

// Where it shall run. Only Fargate has capacity here; the others answer as ECS does for an empty cluster.
Result<void> admit_capacity(
    const ClusterRecord& cluster,
    const RunTaskRequest& request,
    const RevisionRecord& revision,
    Launch& launch
) {
    const bool named = request.capacity_provider_strategy && !request.capacity_provider_strategy->empty();
    if (named && request.launch_type) {
        return refuse(
            kInvalid,
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and "
            "try again."
        );
    }
    if (named || (!request.launch_type && !cluster.default_strategy.empty())) {
        TRY(launch.strategy, usable_strategy(cluster, request.capacity_provider_strategy));
    } else {
        launch.task.launch_type = request.launch_type.value_or("EC2");
    }
    const std::string type = launch.strategy.empty() ? launch.task.launch_type : "FARGATE";
    if (type == "MANAGED_INSTANCES") {
        return refuse(
            kInvalid,
            "The MANAGED_INSTANCES launch type is not supported. Use a capacity provider strategy instead."
        );
    }
    if (!compatible(revision, type))
        return refuse(kInvalid, "Task definition does not support launch_type " + type + ".");
    if (type == "FARGATE") return {};
    if (request.platform_version)
        return refuse(
            kInvalid, "The platform version must be null when specifying an " + type + " launch type."
        );
    return refuse(kInvalid, "No Container Instances were found in your cluster.");
}

Result<void> admit_labels(const RunTaskRequest& request, const RevisionRecord& revision, TaskRecord& task) {
    if (request.group && !request.group->empty()) {
        // These two are ECS's own to give.
        if (request.group->starts_with("service:") || request.group->starts_with("family:"))
            return refuse(kInvalid, "Invalid namespace for group.");
        task.group = *request.group;
    } else {
        task.group = "family:" + revision.family;
    }
    task.started_by = request.started_by.value_or("");
    if (task.started_by.size() > 128) return refuse(kInvalid, "startedBy can have at most 128 characters.");
    if (request.propagate_tags == "SERVICE")
        return refuse(
            kInvalid, "Tags can only be propagated from the service for tasks that a service runs."
        );
    if (request.propagate_tags == "TASK_DEFINITION") task.tags = revision.tags;
    if (request.tags && !request.tags->empty()) {
        TRY(const auto tags, admit_tags(request.tags));
        merge_tags(task.tags, tags);
    }
    if (request.enable_ecs_managed_tags.value_or(false))
        merge_tags(task.tags, {{"aws:ecs:clusterName", task.cluster}});
    if (too_many(task.tags)) return refuse(kInvalid, "The maximum number of tags per resource is 50.");
    return {};
}

Result<void> admit_size(const RunTaskRequest& request, const RevisionRecord& revision, Launch& launch) {
    static const TaskOverride kNone;
    const auto& overrides = request.overrides ? *request.overrides : kNone;
    TRY_VOID(admit_overrides(overrides, revision.definition));
    auto& task = launch.task;
    if (request.overrides) task.overrides = shapes::to_json(overrides).as_object();
    TRY(const int cpu, parse_task_cpu(overrides.cpu ? *overrides.cpu : *revision.definition.cpu));
    TRY(const int memory,
        parse_task_memory(overrides.memory ? *overrides.memory : *revision.definition.memory));
    task.cpu = std::to_string(cpu);
    task.memory = std::to_string(memory);
    const auto& storage =
        overrides.ephemeral_storage ? overrides.ephemeral_storage : revision.definition.ephemeral_storage;
    const bool modern = task.platform_version >= "1.4.0";
    if (storage && !modern) {
        return refuse(
            "PlatformTaskDefinitionIncompatibilityException",
            "One or more of the requested capabilities are not supported."
        );
    }
    if (modern) task.ephemeral_gib = storage ? storage->size_in_gi_b : 20;
    launch.demand = {"X86_64", cpu, memory};
    const auto& platform = revision.definition.runtime_platform;
    if (platform && platform->cpu_architecture == "ARM64") launch.demand.architecture = "ARM64";
    return {};
}

}  // namespace

Result<std::string> platform_version(const std::optional<std::string>& given) {
    if (!given || given->empty() || *given == "LATEST") return std::string("1.4.0");
    for (const char* known : {"1.4.0", "1.3.0", "1.2.0", "1.1.0", "1.0.0"}) {
        if (*given == known) return *given;
    }
    return refuse("PlatformUnknownException", "The specified platform does not exist.");
}

Result<Launch> admit_run_task(const state::View& view, const RunTaskRequest& request, const Caller& caller) {
    Launch launch;
    auto& task = launch.task;
    TRY(const auto cluster, find_cluster(view, request.cluster, caller));
    launch.count = request.count.value_or(1);
    if (launch.count < 1 || launch.count > 10)
        return refuse(kInvalid, "The number of tasks must be between 1 and 10.");
    TRY(const auto name, parse_revision_name(request.task_definition, caller));
    const auto revision = find_revision(view, caller.scope(), name);
    if (!revision) return refuse("ClientException", "TaskDefinition not found.");
    if (!revision->active()) return refuse("ClientException", "TaskDefinition is inactive");

    task.scope = caller.scope();
    task.cluster = cluster->name;
    task.family = revision->family;
    task.revision = revision->revision;
    TRY_VOID(admit_capacity(*cluster, request, *revision, launch));
    TRY(task.platform_version, platform_version(request.platform_version));
    const auto constrained = [](const auto& list) { return list && !list->empty(); };
    if (constrained(request.placement_constraints) || constrained(request.placement_strategy))
        return refuse(
            kInvalid, "Placement constraints and strategies are not supported with FARGATE launch type."
        );
    TRY(auto network, admit_network(view, request.network_configuration, caller));
    task.subnets = std::move(network.subnets);
    task.security_groups = std::move(network.interface_groups);
    task.assign_public_ip = network.assign_public_ip;
    TRY_VOID(admit_labels(request, *revision, task));
    TRY_VOID(admit_size(request, *revision, launch));
    task.execute_command = request.enable_execute_command.value_or(false);
    const auto own_role = request.overrides ? request.overrides->task_role_arn.value_or("") : "";
    TRY_VOID(admit_execute_command(
        task.execute_command && own_role.empty(), *revision, "task couldn't be started"
    ));
    if (auto missing = not_built_yet(revision->definition)) return tl::unexpected<Error>(*std::move(missing));
    if (request.volume_configurations && !request.volume_configurations->empty())
        return refuse(
            "UnsupportedFeatureException", "Gantry does not attach EBS volumes (volumeConfigurations) yet."
        );
    return launch;
}

std::vector<std::string> spread_over(const std::vector<CapacityProviderStrategyItem>& strategy, int count) {
    std::vector<std::string> chosen;
    for (const auto& item : strategy) {
        const int base = std::min(item.base.value_or(0), count);
        if (base > 0) chosen.assign(base, item.capacity_provider);
    }
    std::vector<int> given(strategy.size(), 0);
    while (static_cast<int>(chosen.size()) < count) {
        // The one furthest behind its share: smallest (given + 1) / weight.
        std::size_t best = strategy.size();
        for (std::size_t i = 0; i < strategy.size(); ++i) {
            const std::int64_t weight = strategy[i].weight.value_or(0);
            if (weight <= 0) continue;
            if (best == strategy.size() ||
                (given[i] + 1) * std::int64_t{*strategy[best].weight} < (given[best] + 1) * weight) {
                best = i;
            }
        }
        if (best == strategy.size()) break;
        ++given[best];
        chosen.push_back(strategy[best].capacity_provider);
    }
    return chosen;
}

}  // namespace gantry::ecs
