#include "ecs/worker_controller.h"

#include "ecs/event.h"
#include "ecs/task_indexes.h"
#include "ecs/task_lifecycle.h"

namespace gantry::ecs {

namespace {

constexpr Duration kDisconnectedAfter = std::chrono::seconds(30);
// Two records each; a transaction has room for 100.
constexpr int kTasksAtOnce = 40;

void disconnect(TaskRecord& task, bool disconnected, PolicyInstant now) {
    task.disconnected = disconnected;
    task.connectivity_at = now;
}

}  // namespace

void WorkerController::affected(const state::View& view, const state::Change& change, const KeySink& look_at)
    const {
    const auto* before = changed<WorkerRecord>(view, change, change.before);
    const auto* after = changed<WorkerRecord>(view, change, change.after);
    if (after != nullptr && (before == nullptr || before->connected != after->connected)) look_at(change.key);
}

void WorkerController::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& worker : view.list<WorkerRecord>()) look_at(worker->id);
}

state::Plan WorkerController::reconcile(
    const state::View& view, std::string_view key, const state::Turn& turn
) const {
    state::Plan plan;
    const auto worker = view.get<WorkerRecord>(key);
    if (!worker) return plan;
    bool lost = false;
    if (!worker->connected) {
        const auto away_since = worker->lost_at.value_or(turn.real_now);
        if (turn.real_now < away_since + kDisconnectedAfter) {
            plan.look_again(away_since + kDisconnectedAfter);
            return plan;
        }
        lost = turn.real_now >= away_since + kWorkerLostAfter;
        if (!lost) plan.look_again(away_since + kWorkerLostAfter);
    }
    int left = kTasksAtOnce;
    for (const auto& known : view.find<TasksByWorker>(key)) {
        TaskRecord task = *known;
        const bool turned = task.connectivity_at && task.disconnected == worker->connected;
        if (turned) disconnect(task, !worker->connected, turn.now);
        const bool stop = lost && !task.stopping();
        if (stop) {
            want_stopped(
                task, "TerminationNotice", "Host EC2 (instance " + worker->id + ") terminated.", turn.now
            );
        }
        if (!turned && !stop) continue;
        if (left-- == 0) {
            // The rest at the next look, at once.
            plan.look_again(turn.real_now);
            break;
        }
        const char* why = stop ? "its worker is lost" : "its worker went or came back";
        note_change(view, turn, task, plan);
        plan.put(std::move(task), why);
    }
    return plan;
}

}  // namespace gantry::ecs
