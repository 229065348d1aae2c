#include "ecs/start_deployment.h"

#include <algorithm>
#include <set>

#include "cloudwatch/alarm.h"
#include "ecs/admit_strategy.h"
#include "ecs/event.h"
#include "ecs/service_plan.h"
#include "ecs/service_snapshot.h"
#include "ecs/service_traffic.h"
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

// The deployment that has the service's traffic, for one that begins: the newest that was completed, or else what runs.
// Null: none.
state::Pinned<DeploymentRecord> serving_deployment(
    const state::View& view, std::vector<state::Pinned<DeploymentRecord>> deployments
) {
    sort_newest_first(deployments);
    for (const auto& deployment : deployments)
        if (deployment->proven && deployment->rollout_state != RolloutState::FAILED) return deployment;
    for (const auto& deployment : deployments)
        if (view.count<TasksByDeployment>(TasksByDeployment::key(deployment->key(), "running")) > 0) return deployment;
    return nullptr;
}

// The target groups of the revision, and the course of its deployment, if it has one.
std::optional<scheduler::Course> begin_course(
    const state::View& view,
    const ServiceRecord& service,
    const std::vector<state::Pinned<DeploymentRecord>>& deployments,
    ServiceRevisionRecord& revision
) {
    const auto blue = serving_deployment(view, deployments);
    const auto before = blue ? view.get<ServiceRevisionRecord>(blue->key()) : nullptr;
    const bool shifts = shifts_traffic(service.deployment_configuration);
    take_turns(revision, before.get(), shifts);
    if (!shifts && (!before || !apart(revision, *before))) return {};
    scheduler::Course course;
    course.green = revision.id;
    if (blue) course.blue = blue->id;
    const bool alone = deployments.size() == (blue ? 1u : 0u);
    if (!alone) course.stage = scheduler::LifecycleStage::RECONCILE_SERVICE;
    return course;
}

// An alarm that has gone off before the deployment began says nothing of it: ECS then leaves the alarms out.
BreakerStatus watch_alarms(const state::View& view, const ServiceRecord& service) {
    const auto& alarms = service.deployment_configuration.alarms;
    if (!alarms || !alarms->enable || alarms_in_alarm(view, service.scope, *alarms).size() > 0)
        return BreakerStatus::DISABLED;
    return BreakerStatus::MONITORING;
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

std::vector<std::string> alarms_in_alarm(
    const state::View& view, std::string_view scope, const shapes::ecs::DeploymentAlarms& alarms
) {
    std::vector<std::string> active;
    for (const auto& name : alarms.alarm_names) {
        const auto alarm = view.get<cloudwatch::AlarmRecord>(cloudwatch::AlarmRecord::key(scope, name));
        if (alarm && alarm->state == cloudwatch::AlarmState::ALARM) active.push_back(name);
    }
    return active;
}

std::optional<std::string> rollback_target(const state::View& view, const ServiceRecord& service) {
    const std::string parts = service.parts();
    const auto current = current_service_deployment(view, service);
    if (current && current->course && !current->ended()) {
        if (current->course->blue.empty()) return std::nullopt;
        return current->course->blue;
    }
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
    const auto deployments = txn.list<DeploymentRecord>(parts);
    next.course = begin_course(txn, service, deployments, revision);
    for (const auto& deployment : deployments) {
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
        for (auto* monitor : {&before.breaker, &before.alarms})
            if (*monitor == BreakerStatus::MONITORING) *monitor = BreakerStatus::MONITORING_COMPLETE;
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
    next.alarms = watch_alarms(txn, service);
    service.primary = revision.id;
    txn.put(std::move(primary));
    txn.put(std::move(revision));
    txn.put(std::move(next));
    forget_old(txn, service);
}

}  // namespace gantry::ecs
