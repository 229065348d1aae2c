#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "port/container.h"

namespace gantry::adapter::containerd {

// What the process that starts containers may grant: its own hard limits, or more with CAP_SYS_RESOURCE.
struct UlimitCeiling {
    bool may_raise = false;           // CAP_SYS_RESOURCE
    std::int64_t nofile_max = 1 << 20;  // fs.nr_open, which binds even then
    std::map<std::string, std::int64_t> hard;  // by ECS's names; -1 is unlimited
};

// Of a running process, from /proc/PID/limits and /proc/PID/status.
Result<UlimitCeiling> ulimit_ceiling(int pid);
UlimitCeiling parse_ulimit_ceiling(const std::string& limits, const std::string& status, std::int64_t nr_open);

struct ClampedUlimits {
    std::vector<port::Ulimit> granted;
    std::vector<port::ClampedUlimit> clamped;
};

// A limit that the machine cannot grant becomes what it can. refused for unknown names and soft > hard.
Result<ClampedUlimits> clamp_ulimits(const std::vector<port::Ulimit>& wanted, const UlimitCeiling& ceiling);

// "nofile" -> "RLIMIT_NOFILE".
std::string rlimit_name(const std::string& ulimit);

}  // namespace gantry::adapter::containerd
