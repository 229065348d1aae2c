#include <algorithm>
#include <set>

#include "ecs/admit_task_definition.h"
#include "ecs/scope.h"

namespace gantry::ecs {

using namespace shapes::ecs;

namespace {

constexpr const char* kClient = "ClientException";

Result<void> admit_length(const char* what, const std::string& text) {
    if (text.size() <= 255) return {};
    return refuse(kClient, std::string(what) + " should be 255 characters or less");
}

std::string quoted(const ContainerDefinition& container) { return "'" + container.name.value_or("") + "'"; }

Result<void> admit_health_check(ContainerDefinition& container) {
    if (!container.health_check) return {};
    auto& check = *container.health_check;
    if (check.command.empty()) return refuse(kClient, "Container health check command must not be empty.");
    if (!check.interval) check.interval = 30;
    if (!check.timeout) check.timeout = 5;
    if (!check.retries) check.retries = 3;
    const auto between = [&](const char* what, int value, int least, int most) -> Result<void> {
        if (value >= least && value <= most) return {};
        return refuse(
            kClient, "Invalid 'healthCheck' setting for container " + quoted(container) + ". '" + what +
                         "' must be between " + std::to_string(least) + " and " + std::to_string(most) + "."
        );
    };
    TRY_VOID(between("interval", *check.interval, 5, 300));
    TRY_VOID(between("timeout", *check.timeout, 2, 60));
    TRY_VOID(between("retries", *check.retries, 1, 10));
    if (check.start_period) TRY_VOID(between("startPeriod", *check.start_period, 0, 300));
    return {};
}

Result<void> admit_limits(const ContainerDefinition& container) {
    const std::string setting = "Invalid setting for container " + quoted(container) + ". ";
    if (container.cpu && *container.cpu < 0) return refuse(kClient, setting + "'cpu' must not be negative.");
    if ((container.memory && *container.memory < 4) ||
        (container.memory_reservation && *container.memory_reservation < 4)) {
        return refuse(kClient, setting + "'memory' and 'memoryReservation' must be at least 4 MiB.");
    }
    if (container.memory && container.memory_reservation &&
        *container.memory < *container.memory_reservation) {
        return refuse(kClient, setting + "'memory' must be greater than or equal to 'memoryReservation'.");
    }
    if (container.start_timeout && *container.start_timeout < 2) {
        return refuse(
            kClient,
            "Granular start timeout on container " + quoted(container) + " must be at least 2 seconds."
        );
    }
    if (container.stop_timeout && *container.stop_timeout < 2) {
        return refuse(
            kClient,
            "Granular stop timeout on container " + quoted(container) + " must be at least 2 seconds."
        );
    }
    if (container.ulimits) {
        for (const auto& limit : *container.ulimits) {
            // -1 is "unlimited" and the largest.
            if (limit.hard_limit != -1 && (limit.soft_limit == -1 || limit.soft_limit > limit.hard_limit)) {
                return refuse(
                    kClient, setting + "The soft limit of ulimit '" + limit.name + "' exceeds its hard limit."
                );
            }
        }
    }
    if (const auto& policy = container.restart_policy;
        policy && policy->restart_attempt_period &&
        (*policy->restart_attempt_period < 60 || *policy->restart_attempt_period > 1800)) {
        return refuse(kClient, setting + "'restartAttemptPeriod' must be between 60 and 1800.");
    }
    if (const auto& policy = container.restart_policy;
        policy && policy->ignored_exit_codes && policy->ignored_exit_codes->size() > 50) {
        return refuse(kClient, setting + "'ignoredExitCodes' must have at most 50 items.");
    }
    return {};
}

Result<void> admit_awsvpc(const ContainerDefinition& container) {
    const auto unsupported = [](const std::string& what) {
        return refuse(kClient, what + " not supported on container when networkMode=awsvpc");
    };
    if (container.links && !container.links->empty()) return unsupported("Links are");
    if (container.disable_networking.value_or(false)) return unsupported("Disable Networking is");
    if (container.extra_hosts && !container.extra_hosts->empty()) return unsupported("Extra hosts are");
    if (container.hostname && !container.hostname->empty()) return unsupported("Hostname is");
    return {};
}

template <class List>
void present(std::optional<List>& list) {
    if (!list) list.emplace();
}

void fill_in(ContainerDefinition& container) {
    if (!container.essential) container.essential = true;
    if (!container.cpu) container.cpu = 0;
    present(container.environment);
    present(container.mount_points);
    present(container.port_mappings);
    present(container.system_controls);
    present(container.volumes_from);
}

}  // namespace

Result<void> admit_containers(TaskDefinition& definition) {
    std::set<std::string> names;
    bool essential = false;
    bool secrets = false;
    const bool awsvpc = definition.network_mode == "awsvpc";
    for (auto& container : *definition.container_definitions) {
        const std::string name = container.name.value_or("");
        if (name.empty()) return refuse(kClient, "Container.name should not be null or empty.");
        TRY_VOID(admit_length("Container.name", name));
        if (!is_name(name)) return refuse(kClient, "Container.name contains invalid characters.");
        if (!names.insert(name).second)
            return refuse(kClient, "Container names must be unique within a Task Definition.");
        const std::string image = container.image.value_or("");
        if (image.empty()) return refuse(kClient, "Container.image should not be null or empty.");
        TRY_VOID(admit_length("Container.image", image));
        if (image.find_first_of(" \t\r\n") != std::string::npos)
            return refuse(kClient, "Container.image contains invalid characters.");
        fill_in(container);
        essential = essential || *container.essential;
        secrets = secrets || (container.secrets && !container.secrets->empty());
        TRY_VOID(admit_limits(container));
        TRY_VOID(admit_health_check(container));
        if (awsvpc) TRY_VOID(admit_awsvpc(container));
        TRY_VOID(admit_logs(container));
    }
    if (!essential) return refuse(kClient, "Task definition doesn't have any essential container.");
    if (secrets && definition.execution_role_arn.value_or("").empty()) {
        return refuse(
            kClient,
            "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
        );
    }
    return {};
}

}  // namespace gantry::ecs
