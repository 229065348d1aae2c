#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/codec.h"

// One container of a DesiredTask: a task definition's container with the overrides of RunTask applied and
// secrets resolved. Names and meanings are those of ECS's ContainerDefinition; an empty or absent member
// means "not said", and the worker fills in what AWS documents (stopTimeout 30 s, health check 30/5/3/0, …).
namespace gantry::link {

struct NameValue {
    std::string name;
    std::string value;
    friend bool operator==(const NameValue&, const NameValue&) = default;
};
BOOST_DESCRIBE_STRUCT(NameValue, (), (name, value))

struct PortMapping {
    int container_port = 0;
    int host_port = 0;
    std::string protocol = "tcp";
    std::string name;
    friend bool operator==(const PortMapping&, const PortMapping&) = default;
};
BOOST_DESCRIBE_STRUCT(PortMapping, (), (container_port, host_port, protocol, name))

struct MountPoint {
    std::string source_volume;  // DesiredVolume::name
    std::string container_path;
    bool read_only = false;
    friend bool operator==(const MountPoint&, const MountPoint&) = default;
};
BOOST_DESCRIBE_STRUCT(MountPoint, (), (source_volume, container_path, read_only))

struct VolumesFrom {
    std::string source_container;
    bool read_only = false;
    friend bool operator==(const VolumesFrom&, const VolumesFrom&) = default;
};
BOOST_DESCRIBE_STRUCT(VolumesFrom, (), (source_container, read_only))

struct Ulimit {
    std::string name;
    std::int64_t soft = 0;
    std::int64_t hard = 0;
    friend bool operator==(const Ulimit&, const Ulimit&) = default;
};
BOOST_DESCRIBE_STRUCT(Ulimit, (), (name, soft, hard))

struct Device {
    std::string host_path;
    std::string container_path;
    std::vector<std::string> permissions;  // "read", "write", "mknod"
    friend bool operator==(const Device&, const Device&) = default;
};
BOOST_DESCRIBE_STRUCT(Device, (), (host_path, container_path, permissions))

struct Tmpfs {
    std::string container_path;
    int size_mib = 0;
    std::vector<std::string> mount_options;
    friend bool operator==(const Tmpfs&, const Tmpfs&) = default;
};
BOOST_DESCRIBE_STRUCT(Tmpfs, (), (container_path, size_mib, mount_options))

struct LinuxParameters {
    std::vector<std::string> capabilities_add;  // "SYS_PTRACE"
    std::vector<std::string> capabilities_drop;
    bool init_process_enabled = false;
    std::vector<Device> devices;
    std::vector<Tmpfs> tmpfs;
    std::optional<int> shared_memory_size_mib;
    std::optional<int> max_swap_mib;
    std::optional<int> swappiness;
    friend bool operator==(const LinuxParameters&, const LinuxParameters&) = default;
};
BOOST_DESCRIBE_STRUCT(
    LinuxParameters,
    (),
    (capabilities_add,
     capabilities_drop,
     init_process_enabled,
     devices,
     tmpfs,
     shared_memory_size_mib,
     max_swap_mib,
     swappiness)
)

struct HostEntry {
    std::string hostname;
    std::string ip_address;
    friend bool operator==(const HostEntry&, const HostEntry&) = default;
};
BOOST_DESCRIBE_STRUCT(HostEntry, (), (hostname, ip_address))

struct HealthCheck {
    std::vector<std::string> command;  // {"CMD", ...} or {"CMD-SHELL", "..."}; one word alone is CMD-SHELL
    std::optional<int> interval_s;
    std::optional<int> timeout_s;
    std::optional<int> retries;
    std::optional<int> start_period_s;
    friend bool operator==(const HealthCheck&, const HealthCheck&) = default;
};
BOOST_DESCRIBE_STRUCT(HealthCheck, (), (command, interval_s, timeout_s, retries, start_period_s))

enum class DependsCondition { START, COMPLETE, SUCCESS, HEALTHY };
BOOST_DESCRIBE_ENUM(DependsCondition, START, COMPLETE, SUCCESS, HEALTHY)

struct Dependency {
    std::string container;
    DependsCondition condition = DependsCondition::START;
    friend bool operator==(const Dependency&, const Dependency&) = default;
};
BOOST_DESCRIBE_STRUCT(Dependency, (), (container, condition))

struct RestartPolicy {
    bool enabled = false;
    std::vector<int> ignored_exit_codes;
    int restart_attempt_period_s = 300;
    friend bool operator==(const RestartPolicy&, const RestartPolicy&) = default;
};
BOOST_DESCRIBE_STRUCT(RestartPolicy, (), (enabled, ignored_exit_codes, restart_attempt_period_s))

struct LogConfiguration {
    std::string driver;  // "awslogs"; empty: output is thrown away
    std::map<std::string, std::string> options;
    friend bool operator==(const LogConfiguration&, const LogConfiguration&) = default;
};
BOOST_DESCRIBE_STRUCT(LogConfiguration, (), (driver, options))

// Both empty: anonymous.
struct RegistryCredentials {
    std::string username;
    std::string password;
    friend bool operator==(const RegistryCredentials&, const RegistryCredentials&) = default;
};
BOOST_DESCRIBE_STRUCT(RegistryCredentials, (), (username, password))

struct DesiredContainer {
    std::string name;
    std::string arn;
    std::string image;  // as the definition spells it
    RegistryCredentials registry;
    bool essential = true;
    std::optional<std::vector<std::string>> entry_point;
    std::optional<std::vector<std::string>> command;
    std::vector<NameValue> environment;
    std::string user;
    std::string working_directory;
    bool readonly_root_filesystem = false;
    bool privileged = false;
    bool interactive = false;
    bool pseudo_terminal = false;
    LinuxParameters linux_parameters;
    std::vector<Ulimit> ulimits;
    std::map<std::string, std::string> docker_labels;
    std::map<std::string, std::string> system_controls;  // namespaced sysctl → value
    std::string hostname;
    std::vector<HostEntry> extra_hosts;
    std::vector<std::string> dns_servers;
    std::vector<std::string> dns_search_domains;
    std::optional<HealthCheck> health_check;
    std::vector<Dependency> depends_on;
    std::optional<int> start_timeout_s;
    std::optional<int> stop_timeout_s;
    RestartPolicy restart_policy;
    std::vector<MountPoint> mount_points;
    std::vector<VolumesFrom> volumes_from;
    LogConfiguration log;
    int cpu_units = 0;  // 1024 is one vCPU
    int memory_mib = 0;
    int memory_reservation_mib = 0;
    std::vector<PortMapping> port_mappings;
    friend bool operator==(const DesiredContainer&, const DesiredContainer&) = default;
};
BOOST_DESCRIBE_STRUCT(
    DesiredContainer,
    (),
    (name,
     arn,
     image,
     registry,
     essential,
     entry_point,
     command,
     environment,
     user,
     working_directory,
     readonly_root_filesystem,
     privileged,
     interactive,
     pseudo_terminal,
     linux_parameters,
     ulimits,
     docker_labels,
     system_controls,
     hostname,
     extra_hosts,
     dns_servers,
     dns_search_domains,
     health_check,
     depends_on,
     start_timeout_s,
     stop_timeout_s,
     restart_policy,
     mount_points,
     volumes_from,
     log,
     cpu_units,
     memory_mib,
     memory_reservation_mib,
     port_mappings)
)

}  // namespace gantry::link
