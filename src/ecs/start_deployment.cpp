#include "ecs/start_deployment.h"

#include <set>

#include "ecs/event.h"
#include "ecs/service_plan.h"
#include "ecs/service_words.h"
#include "ecs/task_indexes.h"

namespace gantry::ecs {

namespace {

std::string service_deployment_id(Chance& chance) {
    static constexpr char kCharacters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string id;
    while (id.size() < 21) id.push_back(kCharacters[chance.draw() % 64]);
    return id;
}

RevisionSummary summary(const state::View& view, const DeploymentRecord& deployment) {
    const auto count = [&](const char* what) {
        return static_cast<int>(
            view.count<TasksByDeployment>(TasksByDeployment::key(deployment.key(), what))
        );
    };
    return {deployment.id, deployment.desired_count, count("running"), count("pending")};
}

// Erases a service deployment that is too old, and revisions that nothing names any more.
void forget_old(state::Txn& txn, const ServiceRecord& service) {
    const std::string parts = service.parts();
    const std::int64_t oldest = service.last_service_deployment - kServiceDeploymentsKept;
    if (oldest < 1 || !txn.get<ServiceDeploymentRecord>(ServiceDeploymentRecord::key(parts, oldest))) return;
    txn.erase<ServiceDeploymentRecord>(ServiceDeploymentRecord::key(parts, oldest));
    std::set<std::string> named;
    for (const auto& deployment : txn.list<DeploymentRecord>(parts)) named.insert(deployment->id);
    for (const auto& deployment : txn.list<ServiceDeploymentRecord>(parts)) {
        named.insert(deployment->target.id);
        for (const auto& source : deployment->sources) named.insert(source.id);
        named.insert(deployment->rollback_to);
    }
    int left = 10;
    for (const auto& revision : txn.list<ServiceRevisionRecord>(parts)) {
        if (named.count(revision->id) > 0) continue;
        txn.erase<ServiceRevisionRecord>(revision->key());
        if (--left == 0) return;
    }
}

}  // namespace

std::string revision_id(Chance& chance) {
    constexpr std::uint64_t kLeast = 1'000'000'000'000'000'000ULL;
    return std::to_string(kLeast + chance.draw() % (8 * kLeast));
}

state::Pinned<ServiceDeploymentRecord> current_service_deployment(
    const state::View& view, const ServiceRecord& service
) {
    return view.get<ServiceDeploymentRecord>(
        ServiceDeploymentRecord::key(service.parts(), service.last_service_deployment)
    );
}

std::optional<std::string> rollback_target(const state::View& view, const ServiceRecord& service) {
    const std::string parts = service.parts();
    for (auto number = service.last_service_deployment; number > 0; --number) {
        const auto deployment =
            view.get<ServiceDeploymentRecord>(ServiceDeploymentRecord::key(parts, number));
        if (!deployment) return std::nullopt;
        std::string id;
        if (deployment->status == ServiceDeploymentStatus::SUCCESSFUL) id = deployment->target.id;
        if (deployment->status == ServiceDeploymentStatus::ROLLBACK_SUCCESSFUL) id = deployment->rollback_to;
        if (id.empty() || id == service.primary) continue;
        if (view.get<ServiceRevisionRecord>(ServiceRevisionRecord::key(parts, id))) return id;
    }
    return std::nullopt;
}

void start_deployment(state::Txn& txn, ServiceRecord& service, ServiceRevisionRecord revision) {
    const std::string parts = service.parts();
    revision.parts = parts;
    revision.scope = service.scope;
    revision.cluster = service.cluster;
    revision.service = service.name;
    revision.id = revision_id(txn.chance());
    revision.created_at = txn.now();

    ServiceDeploymentRecord next;
    for (const auto& deployment : txn.list<DeploymentRecord>(parts)) {
        next.sources.push_back(summary(txn, *deployment));
        if (deployment->status != DeploymentStatus::PRIMARY) continue;
        DeploymentRecord before = *deployment;
        before.status = DeploymentStatus::ACTIVE;
        before.updated_at = txn.now();
        txn.put(std::move(before));
    }
    if (const auto current = current_service_deployment(txn, service); current && !current->ended()) {
        ServiceDeploymentRecord before = *current;
        before.status = ServiceDeploymentStatus::STOPPED;
        before.status_reason = "A new service deployment replaced this one.";
        before.stopped_at = txn.now();
        before.finished_at = txn.now();
        before.updated_at = txn.now();
        if (before.breaker == BreakerStatus::MONITORING) before.breaker = BreakerStatus::MONITORING_COMPLETE;
        for (const auto& source : next.sources) {
            if (source.id == before.target.id) before.target = source;
        }
        txn.put(std::move(before));
    }

    DeploymentRecord primary;
    primary.parts = parts;
    primary.service = service.key();
    primary.id = revision.id;
    primary.definition = revision.definition_key();
    primary.rollout_state_reason = words::deployment_in_progress(revision.id);
    primary.desired_count = service.desired_count;
    primary.created_at = txn.now();
    primary.updated_at = txn.now();
    if (auto event = deployment_change(txn, txn.turn(), service, primary)) txn.put(*std::move(event));

    next.parts = parts;
    next.number = ++service.last_service_deployment;
    next.scope = service.scope;
    next.cluster = service.cluster;
    next.service = service.name;
    next.id = service_deployment_id(txn.chance());
    next.created_at = txn.now();
    next.updated_at = txn.now();
    next.target.id = revision.id;
    next.target.requested = service.desired_count;
    next.deployment_configuration = service.deployment_configuration;
    if (service.breaks_circuit()) {
        next.breaker = BreakerStatus::MONITORING;
        next.breaker_threshold = scheduler::failure_threshold(service.desired_count);
    }
    service.primary = revision.id;
    txn.put(std::move(primary));
    txn.put(std::move(revision));
    txn.put(std::move(next));
    forget_old(txn, service);
}

}  // namespace gantry::ecs
