#include "adapter/containerd/capability.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace gantry::adapter::containerd {

static const std::vector<std::string>& known() {
    static const std::vector<std::string> names{
        "CAP_AUDIT_CONTROL", "CAP_AUDIT_READ",     "CAP_AUDIT_WRITE",   "CAP_BLOCK_SUSPEND",      "CAP_BPF",
        "CAP_CHECKPOINT_RESTORE", "CAP_CHOWN",     "CAP_DAC_OVERRIDE",  "CAP_DAC_READ_SEARCH",    "CAP_FOWNER",
        "CAP_FSETID",        "CAP_IPC_LOCK",       "CAP_IPC_OWNER",     "CAP_KILL",               "CAP_LEASE",
        "CAP_LINUX_IMMUTABLE", "CAP_MAC_ADMIN",    "CAP_MAC_OVERRIDE",  "CAP_MKNOD",              "CAP_NET_ADMIN",
        "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_RAW",     "CAP_PERFMON",            "CAP_SETFCAP",
        "CAP_SETGID",        "CAP_SETPCAP",        "CAP_SETUID",        "CAP_SYSLOG",             "CAP_SYS_ADMIN",
        "CAP_SYS_BOOT",      "CAP_SYS_CHROOT",     "CAP_SYS_MODULE",    "CAP_SYS_NICE",           "CAP_SYS_PACCT",
        "CAP_SYS_PTRACE",    "CAP_SYS_RAWIO",      "CAP_SYS_RESOURCE",  "CAP_SYS_TIME",           "CAP_SYS_TTY_CONFIG",
        "CAP_WAKE_ALARM"};
    return names;
}

static std::string full_name(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
    return name == "ALL" || name.starts_with("CAP_") ? name : "CAP_" + name;
}

static Result<std::set<std::string>> read(const std::vector<std::string>& names) {
    std::set<std::string> result;
    for (const auto& raw : names) {
        auto name = full_name(raw);
        if (name != "ALL" && std::find(known().begin(), known().end(), name) == known().end())
            return refuse("CannotCreateContainerError", "unknown capability \"" + raw + "\"");
        result.insert(name);
    }
    return result;
}

Result<std::vector<std::string>> capabilities(const std::vector<std::string>& add,
                                              const std::vector<std::string>& drop) {
    TRY(auto added, read(add));
    TRY(auto dropped, read(drop));
    std::set<std::string> result{"CAP_AUDIT_WRITE", "CAP_CHOWN",  "CAP_DAC_OVERRIDE",     "CAP_FOWNER",  "CAP_FSETID",
                                 "CAP_KILL",        "CAP_MKNOD",  "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP",
                                 "CAP_SETGID",      "CAP_SETPCAP", "CAP_SETUID",          "CAP_SYS_CHROOT"};
    if (dropped.erase("ALL")) result.clear();
    if (added.erase("ALL")) result.insert(known().begin(), known().end());
    for (const auto& name : dropped) result.erase(name);
    result.insert(added.begin(), added.end());
    return std::vector<std::string>(result.begin(), result.end());
}

}  // namespace gantry::adapter::containerd
