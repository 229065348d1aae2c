#include "worker/dead_ports.h"

namespace gantry::worker {

DeadPorts dead_ports(const link::DesiredTask& task, const TaskFacts& facts) {
    if (facts.network_released) return {0};
    DeadPorts dead;
    bool started = false;
    bool runs = false;
    for (const auto& container : task.containers) {
        const auto* seen = facts.find(container.name);
        if (seen == nullptr || !seen->started_at) continue;
        started = true;
        if (seen->phase == ContainerPhase::running) {
            runs = true;
            continue;
        }
        for (const auto& mapping : container.port_mappings) dead.insert(mapping.container_port);
    }
    if (started && !runs) return {0};
    return dead;
}

}  // namespace gantry::worker
