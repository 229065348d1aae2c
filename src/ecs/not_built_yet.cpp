#include "ecs/admit_task_definition.h"

namespace gantry::ecs {

using namespace shapes::ecs;

namespace {

Error unbuilt(const std::string& what) {
    return Error{
        Errc::refused, "UnsupportedFeatureException", "Gantry does not run tasks with " + what + " yet."
    };
}

std::optional<Error> in_container(const ContainerDefinition& container) {
    const std::string where = " (container '" + container.name.value_or("") + "')";
    const auto some = [](const auto& list) { return list && !list->empty(); };
    if (some(container.secrets)) return unbuilt("secrets" + where);
    if (some(container.environment_files)) return unbuilt("environmentFiles" + where);
    if (container.repository_credentials) return unbuilt("repositoryCredentials" + where);
    if (container.firelens_configuration) return unbuilt("firelensConfiguration" + where);
    if (some(container.credential_specs)) return unbuilt("credentialSpecs" + where);
    if (container.pseudo_terminal.value_or(false)) return unbuilt("pseudoTerminal" + where);
    if (some(container.resource_requirements)) return unbuilt("resourceRequirements" + where);
    if (const auto& log = container.log_configuration) {
        if (log->log_driver != "awslogs") return unbuilt("logDriver " + log->log_driver + where);
        if (some(log->secret_options)) return unbuilt("secretOptions of a log driver" + where);
    }
    return std::nullopt;
}

}  // namespace

std::optional<Error> not_built_yet(const TaskDefinition& definition) {
    if (definition.proxy_configuration) return unbuilt("proxyConfiguration");
    if (definition.pid_mode) return unbuilt("pidMode " + *definition.pid_mode);
    if (definition.ipc_mode) return unbuilt("ipcMode " + *definition.ipc_mode);
    if (definition.enable_fault_injection.value_or(false)) return unbuilt("enableFaultInjection");
    if (definition.runtime_platform &&
        definition.runtime_platform->operating_system_family.value_or("LINUX") != "LINUX") {
        return unbuilt("operatingSystemFamily " + *definition.runtime_platform->operating_system_family);
    }
    for (const auto& volume : *definition.volumes) {
        const std::string where = " (volume '" + volume.name.value_or("") + "')";
        if (volume.efs_volume_configuration) return unbuilt("efsVolumeConfiguration" + where);
        if (volume.s3files_volume_configuration) return unbuilt("s3filesVolumeConfiguration" + where);
        if (volume.fsx_windows_file_server_volume_configuration)
            return unbuilt("fsxWindowsFileServerVolumeConfiguration" + where);
        if (volume.docker_volume_configuration) return unbuilt("dockerVolumeConfiguration" + where);
        if (volume.configured_at_launch.value_or(false)) return unbuilt("configuredAtLaunch" + where);
    }
    for (const auto& container : *definition.container_definitions) {
        if (auto missing = in_container(container)) return missing;
    }
    return std::nullopt;
}

}  // namespace gantry::ecs
