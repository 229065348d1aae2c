#include <algorithm>

#include "ecs/admit_task_definition.h"
#include "ecs/task_size.h"

namespace gantry::ecs {

using namespace shapes::ecs;

namespace {

Error client(std::string message) { return Error{Errc::refused, "ClientException", std::move(message)}; }
Error unsupported(const std::string& what) {
    return client("Fargate compatible task definitions do not support " + what);
}

bool windows(const TaskDefinition& definition) {
    return definition.runtime_platform &&
           definition.runtime_platform->operating_system_family.value_or("LINUX").starts_with("WINDOWS");
}

std::optional<Error> linux_fault(const LinuxParameters& linux_parameters) {
    if (linux_parameters.devices && !linux_parameters.devices->empty()) return unsupported("devices");
    if (linux_parameters.shared_memory_size) return unsupported("sharedMemorySize");
    if (linux_parameters.max_swap) return unsupported("maxSwap");
    if (linux_parameters.swappiness) return unsupported("swappiness");
    if (const auto& capabilities = linux_parameters.capabilities; capabilities && capabilities->add) {
        for (const auto& added : *capabilities->add) {
            if (added != "SYS_PTRACE") return unsupported("adding the capability " + added);
        }
    }
    return std::nullopt;
}

std::optional<Error> container_fault(const TaskDefinition& definition, const ContainerDefinition& container) {
    if (container.privileged.value_or(false)) return unsupported("privileged");
    if (container.docker_security_options && !container.docker_security_options->empty())
        return unsupported("dockerSecurityOptions");
    if (container.dns_servers && !container.dns_servers->empty()) return unsupported("dnsServers");
    if (container.dns_search_domains && !container.dns_search_domains->empty())
        return unsupported("dnsSearchDomains");
    if (container.linux_parameters) {
        if (auto fault = linux_fault(*container.linux_parameters)) return fault;
    }
    if (container.resource_requirements) {
        for (const auto& requirement : *container.resource_requirements) {
            if (requirement.type == "GPU")
                return client("Tasks using the Fargate launch type do not support GPU resource requirements."
                );
        }
    }
    if (container.start_timeout && *container.start_timeout > 120) {
        return client(
            "Tasks using the Fargate launch type must have a container start timeout of less than 120 seconds."
        );
    }
    if (container.stop_timeout && *container.stop_timeout > 120) {
        return client(
            "Tasks using the Fargate launch type must have a container stop timeout of less than 120 seconds."
        );
    }
    if (container.start_timeout && *container.start_timeout > 120) {
        return client(
            "Tasks using the Fargate launch type must have a container start timeout of less than 120 seconds."
        );
    }
    if (auto logs = admit_logs(container, "awslogs,splunk,awsfirelens"); !logs) return logs.error();
    const bool no_role = definition.execution_role_arn.value_or("").empty();
    if (no_role && container.log_configuration && container.log_configuration->log_driver == "awslogs") {
        return client(
            "Fargate requires task definition to have execution role ARN to support log driver awslogs."
        );
    }
    if (const auto& log = container.log_configuration;
        log && log->log_driver == "awslogs" && !log->options->contains("awslogs-stream-prefix")) {
        return client(
            "Fargate requires log configuration options to include awslogs-stream-prefix to support log driver "
            "awslogs."
        );
    }
    const std::string image = container.image.value_or("");
    if (no_role && image.find(".dkr.ecr.") != std::string::npos)
        return client("Fargate requires task definition to have execution role ARN to support ECR images.");
    return std::nullopt;
}

std::optional<Error> volume_fault(const Volume& volume) {
    if (volume.host && volume.host->source_path && !volume.host->source_path->empty())
        return unsupported("sourcePath");
    if (volume.docker_volume_configuration) return unsupported("dockerVolumeConfiguration");
    if (volume.fsx_windows_file_server_volume_configuration)
        return unsupported("fsxWindowsFileServerVolumeConfiguration");
    return std::nullopt;
}

}  // namespace

std::optional<Error> fargate_fault(const TaskDefinition& definition) {
    if (definition.network_mode != "awsvpc") return client("Fargate only supports network mode ‘awsvpc’.");
    if (!definition.cpu) return client("Fargate requires that 'cpu' be defined at the task level.");
    if (!definition.memory) return client("Fargate requires that 'memory' be defined at the task level.");
    const auto cpu = parse_task_cpu(*definition.cpu);
    if (!cpu) return cpu.error();
    const auto memory = parse_task_memory(*definition.memory);
    if (!memory) return memory.error();
    // Windows has no size below a vCPU.
    if (windows(definition) && *cpu < 1024) return no_fargate_size(*cpu, *memory);
    if (auto size = check_fargate_size(*cpu, *memory); !size) return size.error();
    if (definition.ipc_mode) return unsupported("ipcMode");
    if (definition.pid_mode && *definition.pid_mode != "task")
        return unsupported("pidMode " + *definition.pid_mode);
    if (!definition.placement_constraints->empty()) return unsupported("constraints");
    if (definition.inference_accelerators && !definition.inference_accelerators->empty())
        return unsupported("inferenceAccelerators");
    for (const auto& container : *definition.container_definitions) {
        if (auto fault = container_fault(definition, container)) return fault;
    }
    for (const auto& volume : *definition.volumes) {
        if (auto fault = volume_fault(volume)) return fault;
    }
    return std::nullopt;
}

std::vector<std::string> compatibilities_of(const TaskDefinition& definition) {
    std::vector<std::string> found;
    const bool awsvpc = definition.network_mode == "awsvpc";
    if (!awsvpc) found.push_back("EXTERNAL");
    found.push_back("EC2");
    if (awsvpc && !windows(definition)) found.push_back("MANAGED_INSTANCES");
    if (!fargate_fault(definition)) found.push_back("FARGATE");
    return found;
}

std::vector<Attribute> required_attributes(const TaskDefinition& definition) {
    std::vector<std::string> names;
    const auto add = [&names](std::string name) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    };
    const std::string docker = "com.amazonaws.ecs.capability.docker-remote-api.1.";
    for (const auto& container : *definition.container_definitions) {
        if (container.log_configuration) {
            const auto& driver = container.log_configuration->log_driver;
            add("com.amazonaws.ecs.capability.logging-driver." + driver);
            if (driver == "awslogs") add(docker + "19");
            if (driver == "awslogs" && definition.execution_role_arn)
                add("ecs.capability.execution-role-awslogs");
        }
        if (container.image && container.image->find(".dkr.ecr.") != std::string::npos) {
            add("com.amazonaws.ecs.capability.ecr-auth");
            if (definition.execution_role_arn) add("ecs.capability.execution-role-ecr-pull");
        }
        if (container.memory_reservation) add(docker + "21");
        if (container.privileged.value_or(false)) add("com.amazonaws.ecs.capability.privileged-container");
        if (container.health_check) add("ecs.capability.container-health-check");
        if ((container.depends_on && !container.depends_on->empty()) || container.start_timeout ||
            container.stop_timeout) {
            add("ecs.capability.container-ordering");
        }
        if (container.secrets) {
            for (const auto& secret : *container.secrets) {
                add(secret.value_from.find(":secretsmanager:") != std::string::npos
                        ? "ecs.capability.secrets.asm.environment-variables"
                        : "ecs.capability.secrets.ssm.environment-variables");
            }
        }
    }
    if (definition.task_role_arn) add("com.amazonaws.ecs.capability.task-iam-role");
    add(docker + "18");
    if (definition.network_mode == "awsvpc") add("ecs.capability.task-eni");
    for (const auto& volume : *definition.volumes) {
        if (volume.efs_volume_configuration) add("ecs.capability.efsAuth");
    }
    std::vector<Attribute> attributes(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) attributes[i].name = std::move(names[i]);
    return attributes;
}

}  // namespace gantry::ecs
