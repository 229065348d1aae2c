#include "ecs/admit_task_definition.h"

#include <algorithm>

#include "ecs/scope.h"
#include "ecs/task_size.h"
#include "shapes/json.h"

namespace gantry::ecs {

using namespace shapes::ecs;

namespace {

constexpr const char* kClient = "ClientException";
constexpr std::size_t kBytesMax = 65'536;

// The name or the ARN of a role; whether there is such a role shows when the task starts.
Result<void> admit_role(const std::optional<std::string>& role) {
    std::string_view name = role ? std::string_view(*role) : std::string_view();
    if (name.empty()) return {};
    if (name.starts_with("arn:")) {
        // arn:PARTITION:iam::ACCOUNT:role/PATH/NAME
        const auto iam = name.find(":iam::");
        const auto kind = name.find(":role/");
        if (iam == std::string_view::npos || kind != iam + 18 || name.find(':', kind + 1) != std::string_view::npos)
            return refuse(kClient, "Role is not valid");
        const auto account = name.substr(iam + 6, 12);
        if (!std::all_of(account.begin(), account.end(), [](char c) { return c >= '0' && c <= '9'; }))
            return refuse(kClient, "Role is not valid");
        name = name.substr(name.rfind('/') + 1);
    }
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_+=,.@-/").find(c) != std::string_view::npos;
    };
    if (name.empty() || !std::all_of(name.begin(), name.end(), allowed)) return refuse(kClient, "Role is not valid");
    return {};
}

bool requires_fargate(const TaskDefinition& definition) {
    const auto& required = definition.requires_compatibilities;
    return required && std::find(required->begin(), required->end(), "FARGATE") != required->end();
}

TaskDefinition copied(const RegisterTaskDefinitionRequest& request) {
    TaskDefinition definition;
    definition.family = request.family;
    definition.task_role_arn = request.task_role_arn;
    definition.execution_role_arn = request.execution_role_arn;
    definition.network_mode = request.network_mode;
    definition.container_definitions = request.container_definitions;
    definition.volumes = request.volumes ? *request.volumes : std::vector<Volume>();
    definition.placement_constraints = request.placement_constraints
                                           ? *request.placement_constraints
                                           : std::vector<TaskDefinitionPlacementConstraint>();
    if (request.requires_compatibilities && !request.requires_compatibilities->empty())
        definition.requires_compatibilities = request.requires_compatibilities;
    definition.cpu = request.cpu;
    definition.memory = request.memory;
    definition.pid_mode = request.pid_mode;
    definition.ipc_mode = request.ipc_mode;
    definition.proxy_configuration = request.proxy_configuration;
    definition.inference_accelerators = request.inference_accelerators;
    definition.ephemeral_storage = request.ephemeral_storage;
    definition.runtime_platform = request.runtime_platform;
    definition.enable_fault_injection = request.enable_fault_injection;
    definition.unknown = request.unknown;
    for (auto& volume : *definition.volumes) {
        const bool plain = !volume.host && !volume.docker_volume_configuration &&
                           !volume.efs_volume_configuration && !volume.s3files_volume_configuration &&
                           !volume.fsx_windows_file_server_volume_configuration &&
                           !volume.configured_at_launch;
        if (plain && volume.unknown.empty()) volume.host.emplace();
    }
    return definition;
}

Result<void> admit_sizes(TaskDefinition& definition) {
    std::int64_t cpu = 0;
    std::int64_t reserved = 0;
    bool only_reservations = true;
    for (const auto& container : *definition.container_definitions) {
        cpu += container.cpu.value_or(0);
        only_reservations = only_reservations && (container.memory_reservation || !container.memory);
        reserved += container.memory_reservation.value_or(container.memory.value_or(0));
        if (!definition.memory && !container.memory && !container.memory_reservation) {
            return refuse(
                kClient, "Invalid setting for container '" + container.name.value_or("") +
                             "'. At least one of 'memory' or 'memoryReservation' must be specified."
            );
        }
    }
    if (definition.cpu) {
        TRY(const int units, parse_task_cpu(*definition.cpu));
        definition.cpu = std::to_string(units);
        if (cpu > units) {
            return refuse(
                kClient,
                "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'."
            );
        }
    }
    if (definition.memory) {
        TRY(const int mib, parse_task_memory(*definition.memory));
        definition.memory = std::to_string(mib);
        if (reserved > mib) {
            return refuse(
                kClient, std::string("The sum of all container '") +
                             (only_reservations ? "memoryReservation" : "memory") +
                             "' values cannot be greater than the value of the task 'memory'."
            );
        }
    }
    if (const auto& storage = definition.ephemeral_storage) {
        if (storage->size_in_gi_b < 21 || storage->size_in_gi_b > 200) {
            return refuse(
                kClient, "Invalid setting for ephemeral storage. Size must be between 21 GiB and 200 GiB."
            );
        }
    }
    return {};
}

}  // namespace

Result<TaskDefinition> admit_task_definition(const RegisterTaskDefinitionRequest& request) {
    if (request.family.empty()) return refuse(kClient, "Family should not be null or empty.");
    if (request.family.size() > 255) return refuse(kClient, "Family should be 255 characters or less");
    if (!is_name(request.family)) return refuse(kClient, "Family contains invalid characters.");
    if (request.container_definitions.empty()) return refuse(kClient, "Container list cannot be empty.");
    if (request.container_definitions.size() > 10) return refuse(kClient, "Too many containers.");

    TRY_VOID(admit_role(request.task_role_arn));
    TRY_VOID(admit_role(request.execution_role_arn));

    auto definition = copied(request);
    TRY_VOID(admit_containers(definition));
    TRY_VOID(admit_volumes(definition));
    TRY_VOID(admit_dependencies(definition));
    // Fargate's own demands (awsvpc, task size) come first in AWS's answers.
    TRY_VOID(admit_sizes(definition));
    if (requires_fargate(definition)) {
        if (auto fault = fargate_fault(definition)) return tl::unexpected<Error>(*std::move(fault));
    }
    TRY_VOID(admit_ports(definition));
    if (definition.inference_accelerators && definition.inference_accelerators->empty())
        definition.inference_accelerators.reset();

    const auto bytes = shapes::to_json_text(definition).size();
    if (bytes > kBytesMax) {
        return refuse(
            kClient, "Actual length: '" + std::to_string(bytes) + "'. Max allowed length is '" +
                         std::to_string(kBytesMax) + "' bytes."
        );
    }
    definition.compatibilities = compatibilities_of(definition);
    definition.requires_attributes = required_attributes(definition);
    return definition;
}

}  // namespace gantry::ecs
