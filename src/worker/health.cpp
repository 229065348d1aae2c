#include "worker/health.h"

namespace gantry::worker {

using std::chrono::seconds;

std::optional<Check> health_check(const link::DesiredContainer& container) {
    if (!container.health_check || container.health_check->command.empty()) return std::nullopt;
    const auto& wanted = *container.health_check;
    const auto& command = wanted.command;
    Check check;
    if (command.front() == "NONE") return std::nullopt;
    if (command.front() == "CMD") {
        check.argv.assign(command.begin() + 1, command.end());
    } else {
        const auto first = command.begin() + (command.front() == "CMD-SHELL" ? 1 : 0);
        std::string line;
        for (auto word = first; word != command.end(); ++word) line += (line.empty() ? "" : " ") + *word;
        check.argv = {"/bin/sh", "-c", line};
    }
    if (check.argv.empty()) return std::nullopt;
    check.interval = seconds(wanted.interval_s.value_or(30));
    check.timeout = seconds(wanted.timeout_s.value_or(5));
    check.retries = wanted.retries.value_or(3);
    check.start_period = seconds(wanted.start_period_s.value_or(0));
    return check;
}

RealInstant next_probe_at(const Check& check, RealInstant started_at, const HealthFacts& health) {
    return health.probed_at.value_or(started_at) + check.interval;
}

void apply_probe(
    const Check& check, RealInstant started_at, HealthFacts& health, bool passed, RealInstant ended
) {
    health.probed_at = ended;
    if (passed) {
        health.passed = true;
        health.failures = 0;
        health.status = link::HealthStatus::HEALTHY;
        return;
    }
    if (!health.passed && ended < started_at + check.start_period) return;
    ++health.failures;
    if (health.failures >= check.retries) health.status = link::HealthStatus::UNHEALTHY;
}

link::HealthStatus task_health(const link::DesiredTask& task, const TaskFacts& facts) {
    bool any = false, all_healthy = true;
    for (const auto& container : task.containers) {
        if (!container.essential || !health_check(container)) continue;
        const auto* seen = facts.find(container.name);
        const auto status = seen ? seen->health.status : link::HealthStatus::UNKNOWN;
        if (status == link::HealthStatus::UNHEALTHY) return status;
        any = true;
        all_healthy = all_healthy && status == link::HealthStatus::HEALTHY;
    }
    return any && all_healthy ? link::HealthStatus::HEALTHY : link::HealthStatus::UNKNOWN;
}

}  // namespace gantry::worker
