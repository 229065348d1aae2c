#include "ecs/service_usage.h"

#include <cstdlib>
#include <map>

#include "ecs/task.h"
#include "ecs/task_indexes.h"

namespace gantry::ecs {
namespace {

// "ACCOUNT/REGION/".
metric::Name name_of(const TaskRecord& task, const char* what) {
    const auto slash = task.scope.find('/');
    metric::Name name;
    name.account = task.scope.substr(0, slash);
    name.region = task.scope.substr(slash + 1, task.scope.size() - slash - 2);
    name.space = "AWS/ECS";
    name.name = what;
    name.dimensions = {{"ClusterName", task.cluster}, {"ServiceName", std::string(task.service())}};
    return name;
}

}  // namespace

std::vector<ServiceUsage> service_usage(const state::View& view, const link::Usage& usage) {
    std::map<metric::Name, metric::Values> all;
    for (const auto& used : usage.tasks) {
        const auto task = view.find_one<TaskById>(used.task);
        if (!task || task->service().empty() || task->stopped() || used.over_ms <= 0) continue;
        const double reserved_units = std::atof(task->cpu.c_str());
        const double reserved_mib = std::atof(task->memory.c_str());
        if (reserved_units > 0) {
            const double units = double(used.cpu_ns) / (double(used.over_ms) * 1e6) * 1'024;
            all[name_of(*task, "CPUUtilization")].add(units / reserved_units * 100);
        }
        if (reserved_mib > 0) {
            const double mib = double(used.memory_bytes) / (1 << 20);
            all[name_of(*task, "MemoryUtilization")].add(mib / reserved_mib * 100);
        }
    }
    std::vector<ServiceUsage> out;
    for (auto& [name, values] : all) out.push_back({name, "Percent", std::move(values)});
    return out;
}

}  // namespace gantry::ecs
