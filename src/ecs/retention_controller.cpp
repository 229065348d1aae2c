#include "ecs/retention_controller.h"

#include "ecs/cluster.h"
#include "ecs/event.h"
#include "ecs/idempotency.h"
#include "ecs/task_indexes.h"

namespace gantry::ecs {

namespace {

constexpr Duration kDefinitionKept = std::chrono::hours(1);
constexpr int kAtOnce = 50;
constexpr const char* kWhy = "kept long enough";

// Erases the due records of an index that is ordered by time, oldest first.
template <class I, class Due>
void sweep(const state::View& view, const state::Turn& turn, state::Plan& plan, Due due_of) {
    using R = typename I::Record;
    std::string from;
    for (int left = kAtOnce;;) {
        const auto first = view.first<I>(from);
        if (!first) return;
        std::vector<std::string> keys;
        I::keys(*first, keys);
        for (const auto& record : view.find<I>(keys.front())) {
            const PolicyInstant due = due_of(*record);
            if (turn.now < due) return plan.look_again(due);
            if (left-- == 0) return plan.look_again(turn.now);
            plan.erase<R>(record->key(), kWhy);
        }
        from = keys.front() + '\x01';
    }
}

void sweep_events(const state::View& view, const state::Turn& turn, state::Plan& plan) {
    for (const auto& event : view.page<TaskChangeRecord>({}, {}, kAtOnce).records) {
        const auto due = event->at + kEventKept;
        if (turn.now < due) return plan.look_again(due);
        plan.erase<TaskChangeRecord>(event->key(), kWhy);
    }
}

// A definition goes when it is due and unused; a used one does not hold up those behind it.
void sweep_definitions(const state::View& view, const state::Turn& turn, state::Plan& plan) {
    std::string from;
    int left = kAtOnce;
    while (const auto first = view.first<RevisionsDeleting>(from)) {
        std::vector<std::string> keys;
        RevisionsDeleting::keys(*first, keys);
        for (const auto& record : view.find<RevisionsDeleting>(keys.front())) {
            const auto due = *record->delete_requested_at + kDefinitionKept;
            if (turn.now < due) return plan.look_again(due);
            if (view.count<TasksByRevision>(record->key()) > 0) continue;
            if (left-- == 0) return plan.look_again(turn.now);
            plan.erase<RevisionRecord>(record->key(), "deleted and used by no task");
        }
        from = keys.front() + '\x01';
    }
}

}  // namespace

void RetentionController::affected(
    const state::View& view, const state::Change& change, const KeySink& look_at
) const {
    const auto side = change.after ? change.after : change.before;
    if (const auto* task = changed<TaskRecord>(view, change, side)) {
        if (task->stopped()) look_at("tasks");
        // The last task of a deleted definition may have gone.
        if (!change.after) look_at("definitions");
    }
    if (const auto* cluster = changed<ClusterRecord>(view, change, side); cluster && cluster->deleted_at)
        look_at("clusters");
    if (const auto* revision = changed<RevisionRecord>(view, change, side);
        revision && revision->delete_requested_at) {
        look_at("definitions");
    }
    if (changed<TokenRecord>(view, change, side) != nullptr) look_at("tokens");
    if (changed<TaskChangeRecord>(view, change, side) != nullptr) look_at("events");
}

void RetentionController::all(const state::View&, const KeySink& look_at) const {
    for (const char* key : {"tasks", "clusters", "definitions", "tokens", "events"}) look_at(key);
}

state::Plan RetentionController::reconcile(
    const state::View& view, std::string_view key, const state::Turn& turn
) const {
    state::Plan plan;
    if (key == "tasks") {
        sweep<TasksStopped>(view, turn, plan, [](const TaskRecord& task) {
            return *task.stopped_at + kStoppedKept;
        });
    } else if (key == "clusters") {
        sweep<ClustersDeleted>(view, turn, plan, [](const ClusterRecord& cluster) {
            return *cluster.deleted_at + kInactiveKept;
        });
    } else if (key == "tokens") {
        sweep<TokensByExpiry>(view, turn, plan, [](const TokenRecord& token) { return token.expires_at; });
    } else if (key == "definitions") {
        sweep_definitions(view, turn, plan);
    } else if (key == "events") {
        sweep_events(view, turn, plan);
    }
    return plan;
}

}  // namespace gantry::ecs
