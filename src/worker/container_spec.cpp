#include "worker/container_spec.h"

#include <algorithm>

#include "worker/volume_mounts.h"

namespace gantry::worker {
namespace {

constexpr std::int64_t mib = 1 << 20;
constexpr std::uint64_t gib = 1ull << 30;
constexpr int default_nofile = 65535;  // Fargate's

bool runs_on_fargate(const link::DesiredTask& task) { return task.launch_type == "FARGATE"; }

// "1.3.0" and before: 10 GiB of layers and 4 GiB for volumes.
bool before_platform_1_4(const link::DesiredTask& task) {
    const std::string& version = task.platform_version;
    return version == "1.0.0" || version == "1.1.0" || version == "1.2.0" || version == "1.3.0";
}

void bind_file(port::ContainerSpec& spec, const std::string& path, const char* target) {
    if (path.empty()) return;
    spec.mounts.push_back({port::Mount::Kind::bind, path, target, false, {}});
}

void add_mounts(
    port::ContainerSpec& spec,
    const link::DesiredTask& task,
    const TaskFacts& facts,
    const link::DesiredContainer& container
) {
    for (auto& mount : volume_mounts(task, facts, container)) spec.mounts.push_back(std::move(mount));
    for (const auto& tmpfs : container.linux_parameters.tmpfs) {
        port::Mount mount{port::Mount::Kind::tmpfs, "", tmpfs.container_path, false, tmpfs.mount_options};
        mount.options.push_back("size=" + std::to_string(tmpfs.size_mib) + "m");
        spec.mounts.push_back(std::move(mount));
    }
}

std::string device_permissions(const std::vector<std::string>& permissions) {
    if (permissions.empty()) return "rwm";
    std::string letters;
    for (const auto& one : permissions) {
        if (one == "read") letters += 'r';
        if (one == "write") letters += 'w';
        if (one == "mknod") letters += 'm';
    }
    return letters;
}

void add_linux_parameters(port::ContainerSpec& spec, const link::DesiredContainer& container) {
    const auto& linux_parameters = container.linux_parameters;
    spec.cap_add = linux_parameters.capabilities_add;
    spec.cap_drop = linux_parameters.capabilities_drop;
    spec.init_process = linux_parameters.init_process_enabled;
    for (const auto& device : linux_parameters.devices)
        spec.devices.push_back(
            {device.host_path, device.container_path, device_permissions(device.permissions)}
        );
    if (linux_parameters.shared_memory_size_mib)
        spec.shm_bytes = *linux_parameters.shared_memory_size_mib * mib;
    if (linux_parameters.swappiness)
        spec.limits.swappiness = static_cast<std::uint64_t>(*linux_parameters.swappiness);
    if (linux_parameters.max_swap_mib && container.memory_mib > 0)
        spec.limits.memory_and_swap_bytes =
            (std::int64_t{container.memory_mib} + *linux_parameters.max_swap_mib) * mib;
}

void add_ulimits(
    port::ContainerSpec& spec, const link::DesiredTask& task, const link::DesiredContainer& container
) {
    bool nofile = false;
    for (const auto& limit : container.ulimits) {
        spec.ulimits.push_back({limit.name, limit.soft, limit.hard});
        nofile = nofile || limit.name == "nofile";
    }
    if (!nofile && runs_on_fargate(task)) spec.ulimits.push_back({"nofile", default_nofile, default_nofile});
}

void add_labels(
    port::ContainerSpec& spec, const link::DesiredTask& task, const link::DesiredContainer& container
) {
    spec.labels = container.docker_labels;
    spec.labels["com.amazonaws.ecs.cluster"] = task.cluster_arn;
    spec.labels["com.amazonaws.ecs.container-name"] = container.name;
    spec.labels["com.amazonaws.ecs.task-arn"] = task.arn;
    spec.labels["com.amazonaws.ecs.task-definition-family"] = task.family;
    spec.labels["com.amazonaws.ecs.task-definition-version"] = std::to_string(task.revision);
}

}  // namespace

std::string metadata_id(const link::DesiredTask& task, const link::DesiredContainer& container) {
    return container_id(task, container.name);
}

// In the shape of the UUID that AWS uses there.
std::string credentials_id(const link::DesiredTask& task) {
    if (task.id.size() != 32) return task.id;
    std::string id = task.id;
    for (const int at : {20, 16, 12, 8}) id.insert(static_cast<std::size_t>(at), "-");
    return id;
}

port::TaskSpec task_spec(const link::DesiredTask& task) {
    port::TaskSpec spec;
    spec.id = task.id;
    if (task.cpu_units > 0) {
        spec.limits.cpu_shares = static_cast<std::uint64_t>(task.cpu_units);
        spec.limits.cpu_quota_us =
            static_cast<std::int64_t>(spec.limits.cpu_period_us) * task.cpu_units / 1024;
    }
    spec.limits.memory_bytes = task.memory_mib * mib;
    if (task.ephemeral_gib > 0)
        spec.storage_bytes = static_cast<std::uint64_t>(task.ephemeral_gib) * gib;
    else
        spec.storage_bytes = before_platform_1_4(task) ? 14 * gib : 20 * gib;
    return spec;
}

std::vector<std::pair<std::string, std::string>> container_environment(
    const link::DesiredTask& task,
    const link::DesiredContainer& container,
    const TaskSurroundings& surroundings
) {
    std::vector<std::pair<std::string, std::string>> out;
    const auto find_name = [&](const std::string& name) {
        return std::find_if(out.begin(), out.end(), [&](const auto& one) { return one.first == name; });
    };
    const auto set = [&](const std::string& name, std::string value) {
        if (const auto found = find_name(name); found != out.end())
            found->second = std::move(value);
        else
            out.emplace_back(name, std::move(value));
    };
    const auto set_default = [&](const std::string& name, std::string value) {
        if (find_name(name) == out.end()) out.emplace_back(name, std::move(value));
    };
    for (const auto& one : container.environment) set(one.name, one.value);
    if (find_name("AWS_ENDPOINT_URL") == out.end())
        for (const auto& [name, url] : surroundings.endpoints) set_default(name, url);
    set_default("AWS_REGION", task.region);
    set_default("AWS_DEFAULT_REGION", task.region);
    set_default("AWS_EXECUTION_ENV", runs_on_fargate(task) ? "AWS_ECS_FARGATE" : "AWS_ECS_EC2");
    if (!task.eni.id.empty()) {
        set("ECS_CONTAINER_METADATA_URI_V4",
            surroundings.metadata_url + "/v4/" + metadata_id(task, container));
        if (!task.task_role_arn.empty())
            set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/" + credentials_id(task));
    }
    return out;
}

port::ContainerSpec container_spec(
    const link::DesiredTask& task,
    const link::DesiredContainer& container,
    const TaskFacts& facts,
    const TaskSurroundings& surroundings,
    const MountedFiles& files,
    const OutputPaths& output
) {
    port::ContainerSpec spec;
    spec.id = container_id(task, container.name);
    spec.task = task.id;
    spec.image = container.image;
    spec.entry_point = container.entry_point;
    spec.command = container.command;
    // The API has no way to say "replace by nothing": an empty list is as good as none.
    if (spec.entry_point && spec.entry_point->empty()) spec.entry_point.reset();
    if (spec.command && spec.command->empty()) spec.command.reset();
    spec.env = container_environment(task, container, surroundings);
    spec.user = container.user;
    spec.cwd = container.working_directory;
    spec.read_only_rootfs = container.readonly_root_filesystem;
    spec.terminal = container.pseudo_terminal;
    spec.open_stdin = container.interactive;
    spec.hostname = container.hostname.empty() ? task.eni.private_dns_name : container.hostname;
    if (spec.hostname.empty()) spec.hostname = task.id.substr(0, 12);
    spec.network_namespace = facts.network_namespace;
    // 0 and 1 become 2, the smallest share that Linux knows, as ECS's agent passes them on.
    spec.limits.cpu_shares = static_cast<std::uint64_t>(std::max(2, container.cpu_units));
    spec.limits.memory_bytes = container.memory_mib * mib;
    spec.limits.memory_reservation_bytes = container.memory_reservation_mib * mib;
    spec.sysctls = container.system_controls;
    spec.stdout_path = output.stdout_path;
    spec.stderr_path = output.stderr_path;
    bind_file(spec, files.hosts, "/etc/hosts");
    bind_file(spec, files.resolv_conf, "/etc/resolv.conf");
    bind_file(spec, files.hostname, "/etc/hostname");
    add_mounts(spec, task, facts, container);
    add_linux_parameters(spec, container);
    add_ulimits(spec, task, container);
    add_labels(spec, task, container);
    return spec;
}

}  // namespace gantry::worker
