#include "ecs/service_snapshot.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "ec2/address_pool.h"
#include "ec2/scope.h"
#include "ec2/subnet.h"
#include "ecs/admit_strategy.h"
#include "ecs/lifecycle_hook.h"
#include "ecs/service_deployment.h"
#include "ecs/service_revision.h"
#include "ecs/service_traffic.h"
#include "ecs/service_words.h"
#include "ecs/start_deployment.h"
#include "ecs/task_indexes.h"
#include "ecs/task_lifecycle.h"
#include "elbv2/service_targets.h"

namespace gantry::ecs {

using link::HealthStatus;
using link::TaskStatus;
using scheduler::Health;

namespace {

// Two records each: a transaction has room for 100, and events and deployments come on top.
constexpr int kChangesMax = 28;

// What the tasks of one deployment have in common.
struct Workload {
    state::Pinned<ServiceRevisionRecord> revision;
    bool container_checks = false;
};

Workload workload_of(const state::View& view, const std::string& revision_key) {
    Workload workload;
    workload.revision = view.get<ServiceRevisionRecord>(revision_key);
    if (!workload.revision) return workload;
    const auto definition = view.get<RevisionRecord>(workload.revision->definition_key());
    if (!definition) return workload;
    for (const auto& container : *definition->definition.container_definitions)
        workload.container_checks |= container.essential.value_or(true) && container.health_check.has_value();
    return workload;
}

bool has_free_address(const state::View& view, const ec2::SubnetRecord& subnet) {
    const auto block = subnet.block();
    const ec2::Ipv4 first{block.first().bits + ec2::kReservedFirst};
    const ec2::Ipv4 last{block.last().bits - 1};
    return ec2::AddressPool(view).take(first, last).has_value();
}

scheduler::Placement placement_of(const state::View& view, const ServiceRevisionRecord& revision) {
    scheduler::Placement placement;
    std::vector<state::Pinned<ec2::SubnetRecord>> subnets;
    for (const auto& id : revision.subnets) {
        auto subnet =
            view.get<ec2::SubnetRecord>(ec2::key_of(account_of(revision.scope), region_of(revision.scope), id)
            );
        if (subnet) subnets.push_back(std::move(subnet));
    }
    for (const auto& subnet : subnets) {
        const auto& zones = placement.zones;
        if (std::find(zones.begin(), zones.end(), subnet->zone) != zones.end()) continue;
        if (subnets.size() > 1 && !has_free_address(view, *subnet)) continue;
        placement.zones.push_back(subnet->zone);
    }
    for (const auto& item : revision.capacity_provider_strategy)
        placement.providers.push_back({item.capacity_provider, item.base.value_or(0), item.weight.value_or(0)}
        );
    return placement;
}

// Containers and targets together.
class Checkup {
  public:
    Checkup(
        const state::View& view, const TaskRecord& record, const Workload& workload, scheduler::Task& task
    )
        : view_(view), record_(record), workload_(workload), task_(task) {}

    void examine() {
        if (workload_.container_checks) containers();
        if (workload_.revision)
            for (const auto& balancer : workload_.revision->load_balancers) target(balancer);
        if (unhealthy_)
            task_.health = Health::unhealthy;
        else if (waiting_)
            task_.health = Health::waiting;
        else
            task_.health = checked_ ? Health::healthy : Health::unchecked;
    }

  private:
    void containers() {
        checked_ = true;
        if (record_.health == HealthStatus::UNKNOWN) waiting_ = true;
        if (record_.health != HealthStatus::UNHEALTHY) return;
        unhealthy_ = true;
        task_.unhealthy_reason = words::failed_container_checks();
        task_.unhealthy_event = words::unhealthy_containers(record_.id);
    }

    void target(const ServiceLoadBalancer& balancer) {
        checked_ = true;
        const auto target = elbv2::service_target(view_, balancer.group, record_.key());
        // What a user deregistered, or nobody probes, has no say.
        if (!target || target->unused || target->health == elbv2::TargetHealth::draining) return;
        if (target->health == elbv2::TargetHealth::initial) waiting_ = true;
        if (target->health != elbv2::TargetHealth::unhealthy || unhealthy_) return;
        unhealthy_ = true;
        task_.unhealthy_reason = words::failed_target_checks(balancer.target_group_arn);
        task_.unhealthy_event = words::unhealthy_target(
            record_.id, balancer.port, balancer.target_group_arn, target->description
        );
    }

    const state::View& view_;
    const TaskRecord& record_;
    const Workload& workload_;
    scheduler::Task& task_;
    bool checked_ = false, waiting_ = false, unhealthy_ = false;
};

// The last part of a service revision's record key.
std::string deployment_id(const TaskRecord& task) {
    return task.service_revision.substr(task.service_revision.rfind('/') + 1);
}

scheduler::Task scheduled(
    const state::View& view, const state::Turn& turn, const TaskRecord& record, const Workload& workload
) {
    scheduler::Task task;
    task.id = record.id;
    task.deployment = deployment_id(record);
    task.zone = record.availability_zone;
    task.provider = record.capacity_provider;
    task.placed = !record.worker.empty();
    task.running = record.last_status == TaskStatus::RUNNING;
    task.stopping = record.stopping();
    task.out_of_reach = record.stopping() && record.disconnected;
    task.is_protected =
        record.protection_enabled && record.protection_until && turn.now < *record.protection_until;
    task.protected_until = record.protection_until;
    task.created_at = record.created_at;
    task.running_since = record.running_since;
    task.served = record.served;
    task.wave = record.wave;
    if (task.running && !task.stopping) Checkup(view, record, workload, task).examine();
    return task;
}

bool failed_to_start(const TaskRecord& task) {
    return !task.served &&
           (task.stop_code == "TaskFailedToStart" || task.stop_code == "EssentialContainerExited");
}

scheduler::Deployment scheduled(const DeploymentRecord& record) {
    scheduler::Deployment deployment;
    deployment.id = record.id;
    deployment.primary = record.status == DeploymentStatus::PRIMARY;
    deployment.rollout = static_cast<scheduler::Rollout>(record.rollout_state);
    deployment.reason = record.rollout_state_reason;
    deployment.proven = record.proven;
    deployment.failed_tasks = record.failed_tasks;
    deployment.desired = record.desired_count;
    deployment.wave = record.wave;
    deployment.setbacks = record.failed_launches;
    deployment.start_again_at = record.launch_again_at;
    return deployment;
}

// It is rolled out as soon as it is made: the planner only keeps it as it is.
scheduler::Deployment scheduled(const TaskSetRecord& set) {
    scheduler::Deployment deployment;
    deployment.id = set.id;
    deployment.primary = true;
    deployment.rollout = scheduler::Rollout::completed;
    deployment.proven = true;
    deployment.wave = set.wave;
    deployment.setbacks = set.failed_launches;
    deployment.start_again_at = set.launch_again_at;
    return deployment;
}

// Whatever the tasks of several deployments have in common is looked up once.
class Reader {
  public:
    Reader(const state::View& view, const state::Turn& turn, scheduler::Service& into)
        : view_(view), turn_(turn), into_(into) {}

    void deployment(scheduler::Deployment deployment, const std::string& revision_key) {
        if (const auto& revision = workload(revision_key).revision)
            into_.placements[deployment.id] = placement_of(view_, *revision);
        into_.deployments.push_back(std::move(deployment));
    }
    void task(const TaskRecord& task) {
        into_.tasks.push_back(scheduled(view_, turn_, task, workload(task.service_revision)));
        if (task.worker.empty() && !task.stopping()) unplaced_ = &task;
    }
    void ended(const TaskRecord& task) {
        into_.ended.push_back({task.id, deployment_id(task), failed_to_start(task), task.wave});
    }
    // They are alike as far as room goes: one of the unplaced tells of all.
    void room() {
        into_.no_room = unplaced_ != nullptr && room_for(view_, demand_of(view_, *unplaced_)) == Room::none;
    }

  private:
    const Workload& workload(const std::string& key) {
        const auto [at, fresh] = workloads_.try_emplace(key);
        if (fresh) at->second = workload_of(view_, key);
        return at->second;
    }

    const state::View& view_;
    const state::Turn& turn_;
    scheduler::Service& into_;
    std::map<std::string, Workload> workloads_;
    const TaskRecord* unplaced_ = nullptr;
};

// What the service deployment that goes on says to the scheduler.
void read_current(const state::View& view, const ServiceRecord& record, scheduler::Service& service) {
    const auto current = current_service_deployment(view, record);
    if (!current) return;
    using Status = ServiceDeploymentStatus;
    service.rollback_requested = current->status == Status::ROLLBACK_REQUESTED;
    service.stop_requested = current->status == Status::STOP_REQUESTED;
    const auto& configuration = current->deployment_configuration;
    const bool forward = current->status == Status::PENDING || current->status == Status::IN_PROGRESS;
    if (forward && current->alarms == BreakerStatus::MONITORING && configuration.alarms) {
        service.alarms = alarms_in_alarm(view, record.scope, *configuration.alarms);
        service.alarms_roll_back = configuration.alarms->rollback;
    }
    if (!current->course) return;
    service.course = current->course;
    service.strategy = strategy_of(configuration);
    if (current->ended()) return;
    judge_hooks(view, *service.course);
    service.traffic = traffic_of(view, record, *service.course);
}

static_assert(static_cast<int>(scheduler::Rollout::completed) == static_cast<int>(RolloutState::COMPLETED));
static_assert(static_cast<int>(scheduler::Rollout::failed) == static_cast<int>(RolloutState::FAILED));

}  // namespace

void sort_newest_first(std::vector<state::Pinned<DeploymentRecord>>& deployments) {
    std::sort(deployments.begin(), deployments.end(), [](const auto& a, const auto& b) {
        return std::tie(a->created_at, a->id) > std::tie(b->created_at, b->id);
    });
}

ServiceSnapshot read_service(const state::View& view, const std::string& key) {
    ServiceSnapshot snapshot;
    snapshot.service = view.get<ServiceRecord>(key);
    snapshot.tasks = view.find<TasksByService>(key);
    snapshot.uncounted = view.find<TasksUncounted>(key);
    if (!snapshot.service) return snapshot;
    if (uses_task_sets(*snapshot.service)) {
        snapshot.task_sets = task_sets_of(view, *snapshot.service);
        return snapshot;
    }
    snapshot.deployments = view.list<DeploymentRecord>(snapshot.service->parts());
    sort_newest_first(snapshot.deployments);
    return snapshot;
}

scheduler::Service scheduler_state(
    const state::View& view, const state::Turn& turn, const ServiceSnapshot& snapshot
) {
    const auto& record = *snapshot.service;
    scheduler::Service service;
    service.name = record.name;
    service.deleted = record.status == ServiceStatus::DRAINING;
    service.desired = record.desired_count;
    service.minimum_percent = record.minimum_healthy_percent();
    service.maximum_percent = record.maximum_percent();
    service.breaks_circuit = record.breaks_circuit();
    service.rolls_back = record.rolls_back();
    service.grace = std::chrono::seconds(record.health_check_grace_seconds.value_or(0));
    service.rebalances = record.zone_rebalancing;
    service.told = record.told;
    service.changes_max = kChangesMax;
    read_current(view, record, service);

    Reader reader(view, turn, service);
    for (const auto& deployment : snapshot.deployments)
        reader.deployment(scheduled(*deployment), deployment->key());
    for (const auto& task : snapshot.tasks) reader.task(*task);
    for (const auto& task : snapshot.uncounted) reader.ended(*task);
    reader.room();
    return service;
}

scheduler::Service scheduler_state(
    const state::View& view,
    const state::Turn& turn,
    const ServiceSnapshot& snapshot,
    const TaskSetRecord& set
) {
    const auto& record = *snapshot.service;
    scheduler::Service service;
    service.name = record.name;
    service.deleted = record.status == ServiceStatus::DRAINING || set.status == TaskSetStatus::DRAINING;
    service.desired = service.deleted ? 0 : share_of(record.desired_count, set.scale);
    // ECS does not use the service's percentages for these controllers: their defaults hold.
    service.minimum_percent = 100;
    service.maximum_percent = 200;
    service.grace = std::chrono::seconds(record.health_check_grace_seconds.value_or(0));
    service.rebalances = record.zone_rebalancing;
    service.told = set.told;
    service.told.steady = set.stability == Stability::STEADY_STATE;
    service.changes_max = kChangesMax;

    const std::string key = set.key();
    Reader reader(view, turn, service);
    reader.deployment(scheduled(set), key);
    for (const auto& task : snapshot.tasks)
        if (task->service_revision == key) reader.task(*task);
    for (const auto& task : snapshot.uncounted)
        if (task->service_revision == key) reader.ended(*task);
    reader.room();
    return service;
}

}  // namespace gantry::ecs
