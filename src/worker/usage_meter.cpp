#include "worker/usage_meter.h"

#include <algorithm>

namespace gantry::worker {

void UsageMeter::keep(const std::vector<std::string>& tasks) {
    std::erase_if(readings_, [&](const auto& one) {
        return std::find(tasks.begin(), tasks.end(), one.first) == tasks.end();
    });
}

std::optional<link::TaskUsage> UsageMeter::read(const std::string& task, const port::Stats& stats) {
    const Reading now{stats.read_at, stats.cpu_ns};
    const auto [known, first] = readings_.try_emplace(task, now);
    const Reading before = std::exchange(known->second, now);
    const auto over = (now.at - before.at).count();
    if (first || over <= 0 || now.cpu_ns < before.cpu_ns) return std::nullopt;
    return link::TaskUsage{task, over, now.cpu_ns - before.cpu_ns, stats.memory_used_bytes()};
}

}  // namespace gantry::worker
