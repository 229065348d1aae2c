#include "adapter/containerd/cgroup.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <functional>
#include <sstream>
#include <unistd.h>

#include "adapter/containerd/file.h"

namespace gantry::adapter::containerd {

namespace fs = std::filesystem;

// What is not limited reads as a page-aligned "infinity".
constexpr std::uint64_t unlimited_from = 1ull << 62;

Cgroups::Cgroups(std::string parent, std::string root) : parent_(std::move(parent)), root_(std::move(root)) {
    std::error_code ignored;
    v2_ = fs::exists(root_ + "/cgroup.controllers", ignored);
    swap_accounting_ = v2_ || fs::exists(root_ + "/memory/memory.memsw.limit_in_bytes", ignored);
}

std::string Cgroups::path(const std::string& task, const std::string& container) const {
    auto result = "/" + parent_ + "/" + task;
    return container.empty() ? result : result + "/" + container;
}

std::string Cgroups::directory(const char* controller, const std::string& task, const std::string& container) const {
    return (v2_ ? root_ : root_ + "/" + controller) + path(task, container);
}

Result<> Cgroups::apply(const std::string& task, const std::string& container, const port::Limits& limits) {
    auto number = [](auto value) { return std::to_string(value); };
    auto cpu = directory("cpu", task, container);
    auto memory = directory("memory", task, container);
    auto pids = directory("pids", task, container);
    auto period = number(limits.cpu_period_us ? limits.cpu_period_us : 100'000);
    if (v2_) {
        if (limits.cpu_shares) {
            auto shares = std::clamp<std::uint64_t>(limits.cpu_shares, 2, 262'144);
            TRY_VOID(write_file(cpu + "/cpu.weight", number(1 + ((shares - 2) * 9999) / 262'142)));
        }
        TRY_VOID(write_file(cpu + "/cpu.max", (limits.cpu_quota_us > 0 ? number(limits.cpu_quota_us) : "max") + " " + period));
        TRY_VOID(write_file(memory + "/memory.max", limits.memory_bytes > 0 ? number(limits.memory_bytes) : "max"));
        TRY_VOID(write_file(memory + "/memory.low", number(limits.memory_reservation_bytes)));
        if (limits.memory_bytes > 0 && fs::exists(memory + "/memory.swap.max")) {
            auto both = limits.memory_and_swap_bytes.value_or(limits.memory_bytes);
            TRY_VOID(write_file(memory + "/memory.swap.max", both < 0 ? "max" : number(both - limits.memory_bytes)));
        }
        return write_file(pids + "/pids.max", limits.pids > 0 ? number(limits.pids) : "max");
    }
    if (limits.cpu_shares) TRY_VOID(write_file(cpu + "/cpu.shares", number(limits.cpu_shares)));
    TRY_VOID(write_file(cpu + "/cpu.cfs_period_us", period));
    TRY_VOID(write_file(cpu + "/cpu.cfs_quota_us", number(limits.cpu_quota_us > 0 ? limits.cpu_quota_us : -1)));
    auto bytes = number(limits.memory_bytes > 0 ? limits.memory_bytes : -1);
    if (swap_accounting_) {
        // Memory may never be above memory and swap: which one goes first depends on the direction.
        auto both = limits.memory_bytes > 0 ? number(limits.memory_and_swap_bytes.value_or(limits.memory_bytes)) : "-1";
        if (!write_file(memory + "/memory.limit_in_bytes", bytes)) {
            TRY_VOID(write_file(memory + "/memory.memsw.limit_in_bytes", both));
            TRY_VOID(write_file(memory + "/memory.limit_in_bytes", bytes));
        }
        TRY_VOID(write_file(memory + "/memory.memsw.limit_in_bytes", both));
    } else {
        TRY_VOID(write_file(memory + "/memory.limit_in_bytes", bytes));
    }
    auto reservation = limits.memory_reservation_bytes > 0 ? number(limits.memory_reservation_bytes) : "-1";
    TRY_VOID(write_file(memory + "/memory.soft_limit_in_bytes", reservation));
    return write_file(pids + "/pids.max", limits.pids > 0 ? number(limits.pids) : "max");
}

Result<> Cgroups::prepare_task(const std::string& task, const port::Limits& limits) {
    if (v2_) {
        // Controllers have to be handed down from directory to directory.
        TRY_VOID(make_directories(directory("", task, "")));
        for (auto& each : {root_, root_ + "/" + parent_, directory("", task, "")})
            for (auto* controller : {"+cpu", "+memory", "+pids", "+io", "+cpuset"})
                (void)write_file(each + "/cgroup.subtree_control", controller);
    } else {
        for (auto* controller : {"cpu", "memory", "pids", "cpuacct", "blkio"})
            TRY_VOID(make_directories(directory(controller, task, "")));
    }
    return apply(task, "", limits);
}

// Deepest first, as rmdir wants it. A cgroup's files do not count.
static int remove_tree(const fs::path& path) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(path, error))
        if (entry.is_directory(error))
            if (int failure = remove_tree(entry.path())) return failure;
    return rmdir(path.c_str()) == 0 || errno == ENOENT ? 0 : errno;
}

Result<> Cgroups::remove_task(const std::string& task) {
    std::vector<fs::path> directories;
    std::error_code error;
    if (v2_) directories.push_back(directory("", task, ""));
    else
        for (const auto& hierarchy : fs::directory_iterator(root_, error))
            if (!hierarchy.is_symlink(error)) directories.push_back(hierarchy.path().string() + path(task, ""));
    for (const auto& each : directories)
        if (fs::exists(each, error))
            if (int failure = remove_tree(each)) return system_trouble("removing cgroup " + each.string(), failure);
    return {};
}

std::vector<std::string> Cgroups::tasks() const {
    std::vector<std::string> result;
    std::error_code error;
    auto parent = (v2_ ? root_ : root_ + "/memory") + "/" + parent_;
    for (const auto& entry : fs::directory_iterator(parent, error))
        if (entry.is_directory(error)) result.push_back(entry.path().filename());
    std::sort(result.begin(), result.end());
    return result;
}

static std::uint64_t number_in(const std::string& path) {
    auto text = read_file(path);
    return text ? std::strtoull(text->c_str(), nullptr, 10) : 0;
}

// "key value" lines.
static std::uint64_t entry_in(const std::string& path, const std::string& key) {
    auto text = read_file(path);
    if (!text) return 0;
    std::istringstream lines(*text);
    std::string name;
    std::uint64_t value = 0;
    while (lines >> name >> value)
        if (name == key) return value;
    return 0;
}

static std::uint64_t limit_in(const std::string& path) {
    auto value = number_in(path);  // "max" reads as 0
    return value >= unlimited_from ? 0 : value;
}

// "8:0 Read 4096" lines, one per device; the sum over all devices.
static std::uint64_t blkio_sum(const std::string& path, const std::string& operation) {
    auto text = read_file(path);
    if (!text) return 0;
    std::istringstream lines(*text);
    std::uint64_t sum = 0;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        std::string device, name;
        std::uint64_t value = 0;
        if (fields >> device >> name >> value && name == operation) sum += value;
    }
    return sum;
}

port::Stats Cgroups::stats_v1(const std::string& task, const std::string& container) const {
    port::Stats stats;
    auto cpuacct = directory("cpuacct", task, container);
    auto cpu = directory("cpu", task, container) + "/cpu.stat";
    auto memory = directory("memory", task, container);
    auto blkio = directory("blkio", task, container);
    auto tick_ns = 1'000'000'000ull / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
    stats.cpu_ns = number_in(cpuacct + "/cpuacct.usage");
    stats.cpu_user_ns = entry_in(cpuacct + "/cpuacct.stat", "user") * tick_ns;
    stats.cpu_system_ns = entry_in(cpuacct + "/cpuacct.stat", "system") * tick_ns;
    stats.cpu_periods = entry_in(cpu, "nr_periods");
    stats.cpu_throttled_periods = entry_in(cpu, "nr_throttled");
    stats.cpu_throttled_ns = entry_in(cpu, "throttled_time");
    stats.memory_bytes = number_in(memory + "/memory.usage_in_bytes");
    stats.memory_inactive_file_bytes = entry_in(memory + "/memory.stat", "total_inactive_file");
    stats.memory_max_bytes = number_in(memory + "/memory.max_usage_in_bytes");
    stats.memory_limit_bytes = limit_in(memory + "/memory.limit_in_bytes");
    stats.pids = number_in(directory("pids", task, container) + "/pids.current");
    stats.read_bytes = blkio_sum(blkio + "/blkio.throttle.io_service_bytes_recursive", "Read");
    stats.write_bytes = blkio_sum(blkio + "/blkio.throttle.io_service_bytes_recursive", "Write");
    stats.read_ops = blkio_sum(blkio + "/blkio.throttle.io_serviced_recursive", "Read");
    stats.write_ops = blkio_sum(blkio + "/blkio.throttle.io_serviced_recursive", "Write");
    return stats;
}

port::Stats Cgroups::stats_v2(const std::string& task, const std::string& container) const {
    port::Stats stats;
    auto base = directory("", task, container);
    stats.cpu_ns = entry_in(base + "/cpu.stat", "usage_usec") * 1000;
    stats.cpu_user_ns = entry_in(base + "/cpu.stat", "user_usec") * 1000;
    stats.cpu_system_ns = entry_in(base + "/cpu.stat", "system_usec") * 1000;
    stats.cpu_periods = entry_in(base + "/cpu.stat", "nr_periods");
    stats.cpu_throttled_periods = entry_in(base + "/cpu.stat", "nr_throttled");
    stats.cpu_throttled_ns = entry_in(base + "/cpu.stat", "throttled_usec") * 1000;
    stats.memory_bytes = number_in(base + "/memory.current");
    stats.memory_inactive_file_bytes = entry_in(base + "/memory.stat", "inactive_file");
    stats.memory_max_bytes = number_in(base + "/memory.peak");
    stats.memory_limit_bytes = limit_in(base + "/memory.max");
    stats.pids = number_in(base + "/pids.current");
    std::istringstream words(read_file(base + "/io.stat").value_or(""));
    for (std::string word; words >> word;) {
        auto value = [&](const char* key) -> std::uint64_t {
            std::string prefix = std::string(key) + "=";
            return word.starts_with(prefix) ? std::strtoull(word.c_str() + prefix.size(), nullptr, 10) : 0;
        };
        stats.read_bytes += value("rbytes");
        stats.write_bytes += value("wbytes");
        stats.read_ops += value("rios");
        stats.write_ops += value("wios");
    }
    return stats;
}

Result<port::Stats> Cgroups::stats(const std::string& task, const std::string& container) const {
    std::error_code error;
    if (!fs::exists(directory("memory", task, container), error))
        return trouble(Errc::not_found, "there is no cgroup " + path(task, container));
    auto stats = v2_ ? stats_v2(task, container) : stats_v1(task, container);
    stats.read_at.ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count();
    return stats;
}

std::uint64_t Cgroups::oom_kills(const std::string& task, const std::string& container) const {
    auto base = directory("memory", task, container);
    return entry_in(base + (v2_ ? "/memory.events" : "/memory.oom_control"), "oom_kill");
}

}  // namespace gantry::adapter::containerd
