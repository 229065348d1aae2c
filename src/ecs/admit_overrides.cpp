#include <algorithm>

#include "ecs/admit_run_task.h"
#include "ecs/task_size.h"
#include "shapes/json.h"

namespace gantry::ecs {

using namespace shapes::ecs;

namespace {
constexpr const char* kInvalid = "InvalidParameterException";
constexpr std::size_t kCharactersMax = 8192;
}  // namespace

Result<void> admit_overrides(const TaskOverride& overrides, const TaskDefinition& definition) {
    if (shapes::to_json_text(overrides).size() > kCharactersMax)
        return refuse(kInvalid, "Container Overrides length must be at most 8192");
    if (overrides.container_overrides) {
        for (const auto& entry : *overrides.container_overrides) {
            const std::string name = entry.name.value_or("");
            if (name.empty()) return refuse(kInvalid, "Override container name should not be null or empty.");
            const auto& containers = *definition.container_definitions;
            const auto known = std::any_of(containers.begin(), containers.end(), [&](const auto& container) {
                return container.name == name;
            });
            if (!known) {
                return refuse(
                    kInvalid,
                    "Override for container named " + name + " is not a container in the TaskDefinition."
                );
            }
            if ((entry.memory && *entry.memory < 4) ||
                (entry.memory_reservation && *entry.memory_reservation < 4) ||
                (entry.cpu && *entry.cpu < 0)) {
                return refuse(
                    kInvalid,
                    "Invalid override of 'cpu', 'memory' or 'memoryReservation' for container " + name + "."
                );
            }
        }
    }
    if (overrides.cpu || overrides.memory) {
        const auto cpu_text = overrides.cpu ? overrides.cpu : definition.cpu;
        const auto memory_text = overrides.memory ? overrides.memory : definition.memory;
        TRY(const int cpu, parse_task_cpu(cpu_text.value_or("")));
        TRY(const int memory, parse_task_memory(memory_text.value_or("")));
        TRY_VOID(check_fargate_size(cpu, memory));
    }
    if (const auto& storage = overrides.ephemeral_storage;
        storage && (storage->size_in_gi_b < 21 || storage->size_in_gi_b > 200)) {
        return refuse(
            kInvalid, "Invalid setting for ephemeral storage. Size must be between 21 GiB and 200 GiB."
        );
    }
    return {};
}

}  // namespace gantry::ecs
