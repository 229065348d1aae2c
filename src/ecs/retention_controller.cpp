#include "ecs/retention_controller.h"

#include "ecs/cluster.h"
#include "ecs/deployment.h"
#include "ecs/idempotency.h"
#include "ecs/service.h"
#include "ecs/service_deployment.h"
#include "ecs/service_event.h"
#include "ecs/service_revision.h"
#include "ecs/task_indexes.h"
#include "ecs/task_set.h"

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
            if (view.count<DeploymentsByDefinition>(record->key()) > 0) continue;
            if (view.count<TaskSetsByDefinition>(record->key()) > 0) continue;
            if (left-- == 0) return plan.look_again(turn.now);
            plan.erase<RevisionRecord>(record->key(), "deleted and used by nothing");
        }
        from = keys.front() + '\x01';
    }
}

// A service goes at once; what belongs to it is left to sweep_remains.
void sweep_services(const state::View& view, const state::Turn& turn, state::Plan& plan) {
    std::string from;
    int left = kAtOnce / 2;
    while (const auto first = view.first<ServicesInactive>(from)) {
        const auto due = first->status_at + kInactiveKept;
        if (turn.now < due) return plan.look_again(due);
        std::vector<std::string> keys;
        ServicesInactive::keys(*first, keys);
        for (const auto& service : view.find<ServicesInactive>(keys.front())) {
            if (left-- == 0) return plan.look_again(turn.now);
            plan.put(ServiceRemainsRecord{service->parts()}, kWhy);
            plan.erase<ServiceRecord>(service->key(), kWhy);
        }
        from = keys.front() + '\x01';
    }
}

template <class R>
void erase_parts(const state::View& view, const std::string& parts, int& left, state::Plan& plan) {
    if (left <= 0) return;
    for (const auto& record : view.page<R>(parts, {}, left).records) {
        plan.erase<R>(record->key(), "its service is gone");
        --left;
    }
}

// Whether the change is of something that belonged to a service that is gone.
template <class R>
bool of_remains(const state::View& view, const state::Change& change) {
    const auto* record = changed<R>(view, change, change.after ? change.after : change.before);
    return record != nullptr && view.get<ServiceRemainsRecord>(record->parts) != nullptr;
}

void sweep_remains(const state::View& view, state::Plan& plan) {
    const auto first = view.page<ServiceRemainsRecord>({}, {}, 1).records;
    if (first.empty()) return;
    const auto& parts = first.front()->parts;
    int left = kAtOnce;
    erase_parts<DeploymentRecord>(view, parts, left, plan);
    erase_parts<TaskSetRecord>(view, parts, left, plan);
    erase_parts<ServiceEventRecord>(view, parts, left, plan);
    erase_parts<ServiceDeploymentRecord>(view, parts, left, plan);
    erase_parts<ServiceRevisionRecord>(view, parts, left, plan);
    // Its own change brings this back for the next one.
    if (left > 0) plan.erase<ServiceRemainsRecord>(parts, "nothing is left of the service");
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
    if (const auto* service = changed<ServiceRecord>(view, change, side);
        service && service->status == ServiceStatus::INACTIVE) {
        look_at("services");
    }
    if (changed<ServiceRemainsRecord>(view, change, side) != nullptr) look_at("remains");
    if (of_remains<DeploymentRecord>(view, change) || of_remains<TaskSetRecord>(view, change) ||
        of_remains<ServiceEventRecord>(view, change) || of_remains<ServiceDeploymentRecord>(view, change) ||
        of_remains<ServiceRevisionRecord>(view, change)) {
        look_at("remains");
    }
    // The last deployment or task set of a deleted definition may have gone.
    if (!change.after && (changed<DeploymentRecord>(view, change, side) != nullptr ||
                          changed<TaskSetRecord>(view, change, side) != nullptr)) {
        look_at("definitions");
    }
    if (changed<TokenRecord>(view, change, side) != nullptr) look_at("tokens");
}

void RetentionController::all(const state::View&, const KeySink& look_at) const {
    for (const char* key : {"tasks", "clusters", "services", "remains", "definitions", "tokens"})
        look_at(key);
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
    } else if (key == "services") {
        sweep_services(view, turn, plan);
    } else if (key == "remains") {
        sweep_remains(view, plan);
    } else if (key == "tokens") {
        sweep<TokensByExpiry>(view, turn, plan, [](const TokenRecord& token) { return token.expires_at; });
    } else if (key == "definitions") {
        sweep_definitions(view, turn, plan);
    }
    return plan;
}

}  // namespace gantry::ecs
