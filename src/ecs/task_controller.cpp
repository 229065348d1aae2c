#include "ecs/task_controller.h"

#include "ecs/task_indexes.h"
#include "ecs/task_lifecycle.h"

namespace gantry::ecs {

namespace {

// As many waiting tasks as are looked at when a worker changes: each that is placed changes a worker again,
// so the rest follow.
constexpr std::size_t kWaitingLookedAt = 50;

bool unfinished(const TaskRecord& task) { return !task.stopped() && !placed(task); }

}  // namespace

void TaskController::affected(const state::View& view, const state::Change& change, const KeySink& look_at)
    const {
    if (const auto* task = changed<TaskRecord>(view, change, change.after)) {
        if (unfinished(*task)) look_at(change.key);
        return;
    }
    const auto* after = changed<WorkerRecord>(view, change, change.after);
    if (after == nullptr || !after->connected) return;
    for (const auto& task : view.page_of<TasksUnplaced>("unplaced", {}, kWaitingLookedAt).records)
        look_at(task->key());
}

void TaskController::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& task : view.list<TaskRecord>()) {
        if (unfinished(*task)) look_at(task->key());
    }
}

state::Plan TaskController::reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
    const {
    state::Plan plan;
    const auto task = view.get<TaskRecord>(key);
    if (!task || !unfinished(*task)) return plan;
    if (task->stopping()) {
        finish(view, turn, *task, plan);
    } else {
        place(view, turn, *task, plan);
    }
    return plan;
}

}  // namespace gantry::ecs
