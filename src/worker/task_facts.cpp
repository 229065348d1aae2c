#include "worker/task_facts.h"

#include <cstdint>

namespace gantry::worker {

std::string container_id(const link::DesiredTask& task, std::string_view name) {
    std::uint64_t hash = 14695981039346656037ull;  // FNV-1a
    for (const unsigned char c : name) hash = (hash ^ c) * 1099511628211ull;
    std::string digits = std::to_string(hash % 10'000'000'000ull);
    return task.id + "-" + std::string(10 - digits.size(), '0') + digits;
}

TaskFacts first_facts(const link::DesiredTask& task) {
    TaskFacts facts;
    for (const auto& container : task.containers) {
        auto& one = facts.containers.emplace_back();
        one.name = container.name;
        one.id = container_id(task, container.name);
    }
    return facts;
}

}  // namespace gantry::worker
