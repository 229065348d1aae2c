#include "ecs/task_shape.h"

#include <algorithm>

#include "ecs/worker.h"

namespace gantry::ecs {

using namespace shapes::ecs;

std::string attachment_id(const TaskRecord& task) { return derived_uuid(task.id, 0); }

namespace {

using link::TaskStatus;

std::string health_text(link::HealthStatus health) {
    switch (health) {
        case link::HealthStatus::HEALTHY:
            return "HEALTHY";
        case link::HealthStatus::UNHEALTHY:
            return "UNHEALTHY";
        case link::HealthStatus::UNKNOWN:
            break;
    }
    return "UNKNOWN";
}

std::string container_text(link::ContainerStatus status) {
    switch (status) {
        case link::ContainerStatus::RUNNING:
            return "RUNNING";
        case link::ContainerStatus::STOPPED:
            return "STOPPED";
        case link::ContainerStatus::PENDING:
            break;
    }
    return "PENDING";
}

KeyValuePair pair(std::string name, std::string value) {
    KeyValuePair out;
    out.name = std::move(name);
    out.value = std::move(value);
    return out;
}

Attachment attachment_shape(const TaskRecord& task) {
    Attachment shape;
    shape.id = attachment_id(task);
    shape.type = "ElasticNetworkInterface";
    auto& details = shape.details.emplace();
    const auto& eni = task.interface;
    if (eni.id.empty()) {
        shape.status = task.stopped() ? "DELETED" : "PRECREATED";
        if (!task.subnets.empty()) details.push_back(pair("subnetId", task.subnets.front()));
        return shape;
    }
    if (task.stopped()) {
        shape.status = "DELETED";
    } else if (task.last_status == TaskStatus::DEPROVISIONING) {
        shape.status = "DETACHING";
    } else {
        shape.status = task.last_status == TaskStatus::PROVISIONING ? "ATTACHING" : "ATTACHED";
    }
    details.reserve(5);
    details.push_back(pair("subnetId", eni.subnet));
    details.push_back(pair("networkInterfaceId", eni.id));
    details.push_back(pair("macAddress", eni.mac));
    if (!eni.private_dns_name.empty()) details.push_back(pair("privateDnsName", eni.private_dns_name));
    details.push_back(pair("privateIPv4Address", eni.address));
    return shape;
}

const ContainerOverride* override_of(const TaskOverride& overrides, const std::string& container) {
    if (!overrides.container_overrides) return nullptr;
    for (const auto& entry : *overrides.container_overrides) {
        if (entry.name == container) return &entry;
    }
    return nullptr;
}

Container container_shape(
    const TaskRecord& task,
    const ContainerDefinition& definition,
    const TaskOverride& overrides,
    std::size_t position
) {
    Container shape;
    shape.container_arn = container_arn(task.scope, task.cluster, task.id, position);
    shape.task_arn = task.arn();
    shape.name = definition.name;
    shape.image = definition.image;
    const auto seen = std::find_if(task.containers.begin(), task.containers.end(), [&](const auto& state) {
        return state.name == *definition.name;
    });
    static const ContainerState kNothing;
    const auto& state = seen == task.containers.end() ? kNothing : *seen;
    if (!state.image_digest.empty()) shape.image_digest = state.image_digest;
    if (!state.runtime_id.empty()) shape.runtime_id = state.runtime_id;
    // A task that never reached a worker has containers that never will run.
    shape.last_status = task.stopped() ? "STOPPED" : container_text(state.status);
    shape.exit_code = state.exit_code;
    if (!state.reason.empty()) shape.reason = state.reason;
    shape.network_bindings.emplace();
    auto& interfaces = shape.network_interfaces.emplace();
    if (!task.interface.id.empty()) {
        auto& entry = interfaces.emplace_back();
        entry.attachment_id = attachment_id(task);
        entry.private_ipv4_address = task.interface.address;
    }
    shape.health_status = health_text(state.health);
    if (task.execute_command) {
        auto& agent = shape.managed_agents.emplace().emplace_back();
        agent.name = "ExecuteCommandAgent";
        agent.last_status = "STOPPED";
        agent.reason = "ExecuteCommand is not built yet";
    }
    const auto* changed = override_of(overrides, *definition.name);
    const auto number = [](std::int32_t value) { return std::to_string(value); };
    shape.cpu = number(changed != nullptr && changed->cpu ? *changed->cpu : definition.cpu.value_or(0));
    if (const auto& memory = changed != nullptr && changed->memory ? changed->memory : definition.memory)
        shape.memory = number(*memory);
    if (const auto& soft = changed != nullptr && changed->memory_reservation
                               ? changed->memory_reservation
                               : definition.memory_reservation) {
        shape.memory_reservation = number(*soft);
    }
    return shape;
}

// What was sent, with an entry for every container, as ECS answers it.
TaskOverride overrides_shape(const TaskRecord& task, const TaskDefinition& definition) {
    TaskOverride shape;
    if (!task.overrides.empty()) {
        if (auto read = shapes::from_json<TaskOverride>(task.overrides)) shape = *std::move(read);
    }
    if (!shape.container_overrides) shape.container_overrides.emplace();
    for (const auto& container : *definition.container_definitions) {
        if (override_of(shape, *container.name) == nullptr)
            shape.container_overrides->emplace_back().name = container.name;
    }
    if (!shape.inference_accelerator_overrides) shape.inference_accelerator_overrides.emplace();
    return shape;
}

}  // namespace

Task task_shape(const state::View& view, const TaskRecord& task, bool with_tags) {
    return task_shape(task, view.get<RevisionRecord>(task.revision_key()).get(), with_tags);
}

Task task_shape(const TaskRecord& task, const RevisionRecord* revision, bool with_tags) {
    Task shape;
    shape.task_arn = task.arn();
    shape.cluster_arn = cluster_arn(task.scope, task.cluster);
    shape.task_definition_arn = task_definition_arn(task.scope, task.family, task.revision);
    shape.attachments = std::vector<Attachment>{attachment_shape(task)};
    auto& architecture = shape.attributes.emplace().emplace_back();
    architecture.name = "ecs.cpu-architecture";
    architecture.value = "x86_64";
    if (!task.availability_zone.empty()) shape.availability_zone = task.availability_zone;
    if (!task.capacity_provider.empty()) shape.capacity_provider_name = task.capacity_provider;
    shape.launch_type = task.launch_type.empty() ? "FARGATE" : task.launch_type;
    if (task.connectivity_at) {
        shape.connectivity = task.disconnected ? "DISCONNECTED" : "CONNECTED";
        shape.connectivity_at = timestamp(*task.connectivity_at);
    }
    shape.cpu = task.cpu;
    shape.memory = task.memory;
    shape.created_at = timestamp(task.created_at);
    shape.desired_status = status_text(task.desired_status);
    shape.enable_execute_command = task.execute_command;
    shape.group = task.group;
    shape.health_status = health_text(task.health);
    shape.inference_accelerators.emplace();
    shape.last_status = status_text(task.last_status);
    shape.platform_version = task.platform_version;
    shape.platform_family = "Linux";
    const auto at = [](const std::optional<PolicyInstant>& instant) {
        return instant ? std::optional(timestamp(*instant)) : std::nullopt;
    };
    shape.pull_started_at = at(task.pull_started_at);
    shape.pull_stopped_at = at(task.pull_stopped_at);
    shape.started_at = at(task.started_at);
    shape.stopping_at = at(task.stopping_at);
    shape.execution_stopped_at = at(task.execution_stopped_at);
    shape.stopped_at = at(task.stopped_at);
    if (!task.started_by.empty()) shape.started_by = task.started_by;
    if (!task.stop_code.empty()) shape.stop_code = task.stop_code;
    if (!task.stopped_reason.empty()) shape.stopped_reason = task.stopped_reason;
    shape.tags = with_tags ? tag_shapes(task.tags) : std::vector<Tag>();
    shape.version = task.version;
    if (task.ephemeral_gib > 0) {
        shape.ephemeral_storage.emplace().size_in_gi_b = task.ephemeral_gib;
        shape.fargate_ephemeral_storage.emplace().size_in_gi_b = task.ephemeral_gib;
    }
    auto& containers = shape.containers.emplace();
    shape.overrides.emplace();
    if (revision != nullptr) {
        shape.overrides = overrides_shape(task, revision->definition);
        const auto& definitions = *revision->definition.container_definitions;
        containers.reserve(definitions.size());
        for (std::size_t i = 0; i < definitions.size(); ++i)
            containers.push_back(container_shape(task, definitions[i], *shape.overrides, i));
        const auto& platform = revision->definition.runtime_platform;
        if (platform && platform->cpu_architecture == "ARM64") architecture.value = "arm64";
    }
    return shape;
}

std::string status_text(TaskStatus status) { return boost::describe::enum_to_string(status, "PROVISIONING"); }

}  // namespace gantry::ecs
