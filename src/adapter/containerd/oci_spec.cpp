#include "adapter/containerd/oci_spec.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "adapter/containerd/capability.h"
#include "adapter/containerd/seccomp.h"
#include "adapter/containerd/ulimit.h"

namespace json = boost::json;

namespace gantry::adapter::containerd {

static json::array strings(const std::vector<std::string>& values) {
    json::array result;
    for (const auto& value : values) result.push_back(json::string(value));
    return result;
}

static json::array strings(std::initializer_list<const char*> values) {
    json::array result;
    for (auto* value : values) result.push_back(json::string(value));
    return result;
}

Result<std::vector<std::string>> process_arguments(const port::ContainerSpec& spec, const port::ImageInfo& image) {
    auto arguments = spec.entry_point.value_or(image.entry_point);
    // Another entry point makes the image's command meaningless.
    auto command = spec.command ? *spec.command : spec.entry_point ? std::vector<std::string>{} : image.command;
    arguments.insert(arguments.end(), command.begin(), command.end());
    if (arguments.empty()) return refuse("CannotCreateContainerError", "no command specified");
    return arguments;
}

static json::array environment(const port::ContainerSpec& spec, const port::ImageInfo& image, const User& user) {
    std::vector<std::pair<std::string, std::string>> variables;
    auto set = [&](const std::string& name, const std::string& value) {
        auto same = std::find_if(variables.begin(), variables.end(), [&](auto& v) { return v.first == name; });
        if (same != variables.end()) same->second = value;
        else variables.emplace_back(name, value);
    };
    set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    if (!spec.hostname.empty()) set("HOSTNAME", spec.hostname);
    for (const auto& entry : image.env) {
        auto equals = entry.find('=');
        set(entry.substr(0, equals), equals == std::string::npos ? "" : entry.substr(equals + 1));
    }
    for (const auto& [name, value] : spec.env) set(name, value);
    if (std::none_of(variables.begin(), variables.end(), [](auto& v) { return v.first == "HOME"; }))
        set("HOME", user.home);
    json::array result;
    for (const auto& [name, value] : variables) result.push_back(json::string(name + "=" + value));
    return result;
}

static Result<json::object> process(const port::ContainerSpec& spec, const port::ImageInfo& image,
                                    const HostFacts& facts, const std::vector<std::string>& bounding) {
    TRY(auto arguments, process_arguments(spec, image));
    if (spec.init_process) arguments.insert(arguments.begin(), {"/sbin/docker-init", "--"});
    json::object user{{"uid", facts.user.uid}, {"gid", facts.user.gid}};
    // The primary group too: who gives it up by setgid() shall not gain what it is denied (CVE-2022-36109).
    json::array gids{facts.user.gid};
    for (auto gid : facts.user.additional_gids)
        if (gid != facts.user.gid) gids.push_back(gid);
    user["additionalGids"] = std::move(gids);
    // As Docker: a user other than root gets its capabilities only through files that carry them.
    json::object capabilities{{"bounding", strings(bounding)}};
    if (facts.user.uid == 0) {
        capabilities["effective"] = strings(bounding);
        capabilities["permitted"] = strings(bounding);
    }
    json::array rlimits;
    for (const auto& limit : facts.ulimits)
        rlimits.push_back(json::object{{"type", json::string(rlimit_name(limit.name))},
                                       {"soft", static_cast<std::uint64_t>(limit.soft)},
                                       {"hard", static_cast<std::uint64_t>(limit.hard)}});
    auto cwd = !spec.cwd.empty() ? spec.cwd : image.cwd;
    if (!cwd.starts_with('/')) cwd.insert(0, "/");
    return json::object{{"terminal", spec.terminal},
                        {"user", std::move(user)},
                        {"args", strings(arguments)},
                        {"env", environment(spec, image, facts.user)},
                        {"cwd", json::string(cwd)},
                        {"capabilities", std::move(capabilities)},
                        {"rlimits", std::move(rlimits)},
                        {"noNewPrivileges", spec.no_new_privileges}};
}

static json::object mount(const char* target, const char* type, const char* source, json::array options) {
    return {{"destination", target}, {"type", type}, {"source", source}, {"options", std::move(options)}};
}

static bool mentions(const std::vector<std::string>& options, std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](auto* name) {
        return std::find(options.begin(), options.end(), name) != options.end();
    });
}

static json::object user_mount(const port::Mount& wanted) {
    auto options = wanted.options;
    auto unless = [&](std::initializer_list<const char*> names, const char* option) {
        if (!mentions(options, names)) options.push_back(option);
    };
    bool tmpfs = wanted.kind == port::Mount::Kind::tmpfs;
    if (tmpfs) {
        unless({"exec", "noexec"}, "noexec");
        unless({"suid", "nosuid"}, "nosuid");
        unless({"dev", "nodev"}, "nodev");
    } else {
        unless({"bind", "rbind"}, "rbind");
        unless({"rprivate", "private", "rshared", "shared", "rslave", "slave"}, "rprivate");
    }
    unless({"ro", "rw"}, wanted.read_only ? "ro" : "rw");
    return {{"destination", json::string(wanted.target)},
            {"type", tmpfs ? "tmpfs" : "bind"},
            {"source", json::string(tmpfs ? "tmpfs" : wanted.source)},
            {"options", strings(options)}};
}

static json::array mounts(const port::ContainerSpec& spec, const HostFacts& facts) {
    auto shm_size = "size=" + std::to_string(spec.shm_bytes);
    json::array result{
        mount("/proc", "proc", "proc", strings({"nosuid", "noexec", "nodev"})),
        mount("/dev", "tmpfs", "tmpfs", strings({"nosuid", "strictatime", "mode=755", "size=65536k"})),
        mount("/dev/pts", "devpts", "devpts",
              strings({"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"})),
        mount("/sys", "sysfs", "sysfs", strings({"nosuid", "noexec", "nodev", "ro"})),
        mount("/sys/fs/cgroup", "cgroup", "cgroup", strings({"ro", "nosuid", "noexec", "nodev"})),
        mount("/dev/mqueue", "mqueue", "mqueue", strings({"nosuid", "noexec", "nodev"})),
        mount("/dev/shm", "tmpfs", "shm", strings({"nosuid", "noexec", "nodev", "mode=1777", shm_size.c_str()})),
    };
    if (spec.init_process)
        result.push_back(mount("/sbin/docker-init", "bind", facts.init_path.c_str(), strings({"bind", "ro", "rprivate"})));
    for (const auto& wanted : facts.mounts) {
        // A mount of the user's replaces a default one of the same place (/dev/shm, say) and parents come first.
        auto same = std::find_if(result.begin(), result.end(), [&](json::value& existing) {
            return existing.at("destination").as_string() == wanted.target;
        });
        if (same != result.end()) result.erase(same);
        result.push_back(user_mount(wanted));
    }
    std::stable_sort(result.begin() + (spec.init_process ? 1 : 0), result.end(), [](auto& a, auto& b) {
        auto depth = [](auto& m) {
            auto& target = m.at("destination").as_string();
            return std::count(target.begin(), target.end(), '/');
        };
        return depth(a) < depth(b);
    });
    return result;
}

json::object oci_limits(const port::Limits& limits, bool swap_accounting, bool cgroup_v2) {
    json::object cpu;
    if (limits.cpu_shares > 0) cpu["shares"] = limits.cpu_shares;
    if (limits.cpu_quota_us > 0) {
        cpu["quota"] = limits.cpu_quota_us;
        cpu["period"] = limits.cpu_period_us;
    }
    json::object memory;
    if (limits.memory_bytes > 0) {
        memory["limit"] = limits.memory_bytes;
        if (swap_accounting) memory["swap"] = limits.memory_and_swap_bytes.value_or(limits.memory_bytes);
    }
    if (limits.memory_reservation_bytes > 0) memory["reservation"] = limits.memory_reservation_bytes;
    if (limits.swappiness && !cgroup_v2) memory["swappiness"] = *limits.swappiness;
    json::object result;
    if (!cpu.empty()) result["cpu"] = std::move(cpu);
    if (!memory.empty()) result["memory"] = std::move(memory);
    if (limits.pids > 0) result["pids"] = json::object{{"limit", limits.pids}};
    return result;
}

static json::array namespaces(const port::ContainerSpec& spec, const HostFacts& facts) {
    auto space = [](const char* type, const std::string& path) {
        json::object result{{"type", type}};
        if (!path.empty()) result["path"] = json::string(path);
        return result;
    };
    json::array result{space("mount", ""), space("uts", ""), space("pid", facts.pid_namespace),
                       space("ipc", facts.ipc_namespace), space("network", spec.network_namespace)};
    if (facts.cgroup_v2) result.push_back(space("cgroup", ""));
    return result;
}

static json::object linux_part(const port::ContainerSpec& spec, const HostFacts& facts,
                               const std::vector<std::string>& bounding) {
    json::object sysctl{{"net.ipv4.ip_unprivileged_port_start", "0"},
                        {"net.ipv4.ping_group_range", "0 2147483647"}};
    for (const auto& [name, value] : spec.sysctls) sysctl[name] = json::string(value);

    auto limits = oci_limits(spec.limits, facts.swap_accounting, facts.cgroup_v2);
    json::array devices;
    // Nothing but the harmless default devices, which runc adds by itself, and the ones asked for.
    json::array device_rules{json::object{{"allow", false}, {"access", "rwm"}}};
    for (const auto& device : facts.devices) {
        std::string type(1, device.type);
        devices.push_back(json::object{{"path", json::string(device.path)},
                                       {"type", json::string(type)},
                                       {"major", device.major},
                                       {"minor", device.minor},
                                       {"fileMode", device.mode},
                                       {"uid", device.uid},
                                       {"gid", device.gid}});
        device_rules.push_back(json::object{{"allow", true},
                                            {"type", json::string(type)},
                                            {"major", device.major},
                                            {"minor", device.minor},
                                            {"access", json::string(device.permissions)}});
    }
    limits["devices"] = std::move(device_rules);

    return {{"cgroupsPath", json::string(facts.cgroup_path)},
            {"namespaces", namespaces(spec, facts)},
            {"resources", std::move(limits)},
            {"devices", std::move(devices)},
            {"sysctl", std::move(sysctl)},
            {"seccomp", seccomp_profile(bounding)},
            {"maskedPaths", strings({"/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
                                     "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
                                     "/sys/firmware", "/sys/devices/virtual/powercap"})},
            {"readonlyPaths", strings({"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"})}};
}

Result<json::value> oci_spec(const port::ContainerSpec& spec, const port::ImageInfo& image, const HostFacts& facts) {
    TRY(auto bounding, capabilities(spec.cap_add, spec.cap_drop));
    TRY(auto process_part, process(spec, image, facts, bounding));
    json::object result{{"ociVersion", "1.0.2"},
                        {"process", std::move(process_part)},
                        {"root", json::object{{"path", "rootfs"}, {"readonly", spec.read_only_rootfs}}},
                        {"mounts", mounts(spec, facts)},
                        // One shim for all containers of the task.
                        {"annotations", json::object{{"io.containerd.runc.v2.group", json::string(spec.task)}}},
                        {"linux", linux_part(spec, facts, bounding)}};
    if (!spec.hostname.empty()) result["hostname"] = json::string(spec.hostname);
    return json::value(std::move(result));
}

}  // namespace gantry::adapter::containerd
