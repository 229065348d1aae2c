#include "worker/usage_meter.h"

#include <algorithm>

namespace gantry::worker {
namespace {

// A counter that could not be read this time, or began anew, tells nothing.
std::uint64_t risen(std::uint64_t before, std::uint64_t now) { return now < before ? 0 : now - before; }

}  // namespace

void UsageMeter::keep(const std::vector<std::string>& tasks) {
    std::erase_if(readings_, [&](const auto& one) {
        return std::find(tasks.begin(), tasks.end(), one.first) == tasks.end();
    });
}

std::optional<link::TaskUsage> UsageMeter::read(
    const std::string& task, const port::Stats& stats, const port::EniUsage& interface
) {
    const Reading now{stats.read_at,        stats.cpu_ns,     interface.received_bytes,
                      interface.sent_bytes, stats.read_bytes, stats.write_bytes};
    const auto [known, first] = readings_.try_emplace(task, now);
    const Reading before = std::exchange(known->second, now);
    const auto over = (now.at - before.at).count();
    if (first || over <= 0 || now.cpu_ns < before.cpu_ns) return std::nullopt;
    link::TaskUsage used{task, over, now.cpu_ns - before.cpu_ns, stats.memory_used_bytes()};
    used.received_bytes = risen(before.received_bytes, now.received_bytes);
    used.sent_bytes = risen(before.sent_bytes, now.sent_bytes);
    used.read_bytes = risen(before.read_bytes, now.read_bytes);
    used.written_bytes = risen(before.written_bytes, now.written_bytes);
    return used;
}

}  // namespace gantry::worker
