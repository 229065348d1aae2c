#include "ecs/task_report.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "ecs/event.h"
#include "ecs/service_revision.h"
#include "ecs/task_indexes.h"
#include "ecs/task_lifecycle.h"

namespace gantry::ecs {

using link::TaskStatus;

namespace {

// The worker's real time in policy time: as long ago by the policy clock as by the real one, and not before
// the task was asked for nor after now.
std::optional<PolicyInstant> shown(
    const std::optional<RealInstant>& seen, const state::Txn& txn, const TaskRecord& task
) {
    if (!seen) return std::nullopt;
    const PolicyInstant at = txn.now() - (txn.real_now() - *seen);
    return std::clamp(at, std::min(task.created_at, txn.now()), txn.now());
}

// An instant once told stays: a later report must not move it.
void keep(std::optional<PolicyInstant>& known, const std::optional<PolicyInstant>& told) {
    if (!known) known = told;
}

// A worker that lost its disk may know less of a container than was told before.
void take_containers(const link::ObservedTask& observed, TaskRecord& task) {
    const auto before = std::exchange(task.containers, {});
    for (const auto& seen : observed.containers) {
        auto& now = task.containers.emplace_back(ContainerState{
            seen.name, seen.status, seen.exit_code, seen.reason, seen.runtime_id, seen.image_digest, seen.health
        });
        const auto known = std::find_if(before.begin(), before.end(), [&](const auto& other) {
            return other.name == now.name;
        });
        if (known == before.end()) continue;
        if (now.image_digest.empty()) now.image_digest = known->image_digest;
        if (now.status != link::ContainerStatus::STOPPED || now.exit_code || !known->exit_code) continue;
        now.exit_code = known->exit_code;
        now.reason = known->reason;
    }
}

// One of a service with load balancers is RUNNING when it is registered with them: its controller does that.
bool waits_for_registration(const state::View& view, const TaskRecord& task) {
    if (task.service_revision.empty() || !task.target_groups.empty()) return false;
    const auto revision = view.get<ServiceRevisionRecord>(task.service_revision);
    return revision && !revision->load_balancers.empty();
}

// DEPROVISIONING is as far as a worker that still has the interface can bring a task.
TaskStatus reached(const state::View& view, const TaskRecord& task, const link::ObservedTask& observed) {
    auto told = observed.network_released || observed.status != TaskStatus::STOPPED
                    ? observed.status
                    : TaskStatus::DEPROVISIONING;
    if (told == TaskStatus::RUNNING && task.last_status < TaskStatus::RUNNING &&
        waits_for_registration(view, task)) {
        told = TaskStatus::ACTIVATING;
    }
    return std::max(task.last_status, told);
}

}  // namespace

Reported apply_task_report(state::Txn& txn, std::string_view worker, const link::TaskReport& report) {
    const auto found = txn.find_one<TaskById>(report.task);
    if (!found || found->worker != worker) return Reported::unknown;
    if (found->stopped()) return Reported::stale;
    if (std::tie(report.incarnation, report.sequence) <=
        std::tie(found->report_incarnation, found->report_sequence)) {
        return Reported::stale;
    }
    const auto& observed = report.observed;
    const auto now = txn.now();
    TaskRecord task = *found;
    task.report_incarnation = report.incarnation;
    task.report_sequence = report.sequence;
    take_containers(observed, task);
    task.health = observed.health;
    keep(task.pull_started_at, shown(observed.pull_started_at, txn, task));
    keep(task.pull_stopped_at, shown(observed.pull_stopped_at, txn, task));
    keep(task.started_at, shown(observed.started_at, txn, task));
    keep(task.stopping_at, shown(observed.stopping_at, txn, task));
    keep(task.execution_stopped_at, shown(observed.execution_stopped_at, txn, task));
    if (!task.connectivity_at || task.disconnected) {
        task.connectivity_at = now;
        task.disconnected = false;
    }
    task.last_status = reached(txn, task, observed);
    if (task.last_status == TaskStatus::RUNNING && !task.running_since) task.running_since = txn.real_now();
    // It stopped by itself: then nobody wants it to run any more.
    if (observed.status >= TaskStatus::STOPPING && !task.stopping()) {
        want_stopped(
            task, observed.stop_code.empty() ? "TaskFailedToStart" : observed.stop_code, observed.stop_reason,
            now
        );
    }
    if (observed.status == TaskStatus::STOPPED && observed.network_released) {
        state::Plan plan;
        finish(txn, txn.turn(), std::move(task), plan);
        txn.apply(plan);
        return Reported::applied;
    }
    const bool news = task.last_status != found->last_status ||
                      task.desired_status != found->desired_status || task.health != found->health ||
                      task.containers != found->containers || task.disconnected != found->disconnected;
    if (news) note_change(txn, task);
    txn.put(std::move(task));
    return Reported::applied;
}

}  // namespace gantry::ecs
