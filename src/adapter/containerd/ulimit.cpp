#include "adapter/containerd/ulimit.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

namespace gantry::adapter::containerd {

struct Name {
    const char* ecs;
    const char* proc;  // how /proc/PID/limits says it
};
static const Name names[] = {
    {"core", "Max core file size"},     {"cpu", "Max cpu time"},
    {"data", "Max data size"},          {"fsize", "Max file size"},
    {"locks", "Max file locks"},        {"memlock", "Max locked memory"},
    {"msgqueue", "Max msgqueue size"},  {"nice", "Max nice priority"},
    {"nofile", "Max open files"},       {"nproc", "Max processes"},
    {"rss", "Max resident set"},        {"rtprio", "Max realtime priority"},
    {"rttime", "Max realtime timeout"}, {"sigpending", "Max pending signals"},
    {"stack", "Max stack size"},
};
constexpr int cap_sys_resource = 24;

UlimitCeiling parse_ulimit_ceiling(const std::string& limits, const std::string& status, std::int64_t nr_open) {
    UlimitCeiling ceiling;
    ceiling.nofile_max = nr_open;
    std::istringstream lines(limits);
    for (std::string line; std::getline(lines, line);) {
        for (const auto& name : names) {
            if (!line.starts_with(name.proc)) continue;
            std::istringstream values(line.substr(std::string(name.proc).size()));
            std::string soft, hard;
            values >> soft >> hard;
            ceiling.hard[name.ecs] = hard == "unlimited" ? -1 : std::strtoll(hard.c_str(), nullptr, 10);
        }
    }
    std::istringstream entries(status);
    for (std::string line; std::getline(entries, line);)
        if (line.starts_with("CapEff:"))
            ceiling.may_raise = (std::strtoull(line.c_str() + 7, nullptr, 16) >> cap_sys_resource) & 1;
    return ceiling;
}

static std::string slurp(const std::string& path) {
    std::ifstream in(path);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

Result<UlimitCeiling> ulimit_ceiling(int pid) {
    auto base = "/proc/" + std::to_string(pid);
    auto limits = slurp(base + "/limits");
    if (limits.empty()) return trouble(Errc::unavailable, base + "/limits cannot be read");
    auto nr_open = std::strtoll(slurp("/proc/sys/fs/nr_open").c_str(), nullptr, 10);
    return parse_ulimit_ceiling(limits, slurp(base + "/status"), nr_open > 0 ? nr_open : 1 << 20);
}

static std::int64_t smaller(std::int64_t a, std::int64_t b) {
    if (a < 0) return b;
    return b < 0 ? a : std::min(a, b);
}

Result<ClampedUlimits> clamp_ulimits(const std::vector<port::Ulimit>& wanted, const UlimitCeiling& ceiling) {
    ClampedUlimits result;
    for (const auto& limit : wanted) {
        auto known = std::any_of(std::begin(names), std::end(names), [&](auto& name) { return limit.name == name.ecs; });
        if (!known) return refuse("CannotCreateContainerError", "invalid ulimit type: " + limit.name);
        if (limit.hard >= 0 && (limit.soft < 0 || limit.soft > limit.hard))
            return refuse("CannotCreateContainerError",
                          "ulimit " + limit.name + ": the soft limit is above the hard limit");
        auto granted = limit;
        if (!ceiling.may_raise)
            if (auto hard = ceiling.hard.find(limit.name); hard != ceiling.hard.end())
                granted.hard = smaller(granted.hard, hard->second);
        if (limit.name == "nofile") granted.hard = smaller(granted.hard, ceiling.nofile_max);
        granted.soft = smaller(granted.soft, granted.hard);
        if (!(granted == limit)) result.clamped.push_back({limit, granted});
        result.granted.push_back(granted);
    }
    return result;
}

std::string rlimit_name(const std::string& ulimit) {
    auto name = "RLIMIT_" + ulimit;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
    return name;
}

}  // namespace gantry::adapter::containerd
