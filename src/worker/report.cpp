#include "worker/report.h"

#include "worker/health.h"
#include "worker/next_step.h"

namespace gantry::worker {
namespace {

link::ContainerStatus status_of(const ContainerFacts& facts, bool task_ended) {
    if (task_ended) return link::ContainerStatus::STOPPED;
    switch (facts.phase) {
        case ContainerPhase::running:
            return link::ContainerStatus::RUNNING;
        case ContainerPhase::exited:
            return link::ContainerStatus::STOPPED;
        default:
            return link::ContainerStatus::PENDING;
    }
}

}  // namespace

link::ObservedTask observed_task(const link::DesiredTask& task, const TaskFacts& facts) {
    link::ObservedTask seen;
    seen.status = observed_status(facts);
    for (const auto& container : facts.containers) {
        auto& one = seen.containers.emplace_back();
        one.name = container.name;
        one.status = status_of(container, facts.execution_stopped_at.has_value());
        one.exit_code = container.exit_code;
        one.reason = container.reason;
        one.runtime_id = container.id;
        if (container.image_digest != "unknown") one.image_digest = container.image_digest;
        one.health = container.health.status;
        one.restart_count = container.restart_count;
        one.created_at = container.created_at;
        one.started_at = container.started_at;
        one.finished_at = container.finished_at;
    }
    seen.health = task_health(task, facts);
    seen.pull_started_at = facts.pull_started_at;
    seen.pull_stopped_at = facts.pull_stopped_at;
    seen.started_at = facts.started_at;
    seen.stopping_at = facts.stopping_at;
    seen.execution_stopped_at = facts.execution_stopped_at;
    seen.stopped_at = facts.stopped_at;
    seen.stop_code = facts.stop_code;
    seen.stop_reason = facts.stop_reason;
    seen.network_released = facts.network_released;
    seen.warnings = facts.warnings;
    return seen;
}

}  // namespace gantry::worker
