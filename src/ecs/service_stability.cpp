#include "ecs/service_stability.h"

#include "ecs/deployment.h"
#include "ecs/service.h"
#include "ecs/service_event.h"
#include "ecs/task_indexes.h"
#include "ecs/task_set.h"
#include "elbv2/service_targets.h"

namespace gantry::ecs {

namespace {

constexpr std::size_t kServicesMost = 1'000;

struct Deployed {
    std::size_t running = 0;
    std::size_t parts = 0;   // deployments or task sets
    const char* kind = "deployments";
    bool settled = true;
    std::string reason;  // why not
};

std::size_t running(const state::View& view, const std::string& revision) {
    return view.count<TasksByDeployment>(TasksByDeployment::key(revision, "running"));
}

Deployed deployed(const state::View& view, const ServiceRecord& service) {
    Deployed all;
    for (const auto& deployment : view.list<DeploymentRecord>(service.parts())) {
        ++all.parts;
        all.running += running(view, deployment->key());
        if (deployment->status != DeploymentStatus::PRIMARY ||
            deployment->rollout_state == RolloutState::COMPLETED)
            continue;
        all.settled = false;
        all.reason = deployment->rollout_state_reason;
    }
    return all;
}

Deployed deployed_in_task_sets(const state::View& view, const ServiceRecord& service) {
    Deployed all;
    all.kind = "task sets";
    for (const auto& set : task_sets_of(view, service)) {
        ++all.parts;
        all.running += running(view, set->key());
        if (set->stability == Stability::STEADY_STATE) continue;
        all.settled = false;
        all.reason = "task set " + set->name() + " is STABILIZING";
    }
    return all;
}

// A task that runs and whose target is not healthy (yet), with the load balancer's words.
std::string waiting_target(const state::View& view, const ServiceRecord& service) {
    for (const auto& task : view.find<TasksByService>(service.key())) {
        if (task->stopping() || task->last_status != link::TaskStatus::RUNNING) continue;
        for (const auto& group : task->target_groups) {
            const auto target = elbv2::service_target(view, group, task->key());
            if (!target || target->unused || target->health == elbv2::TargetHealth::healthy) continue;
            const bool unhealthy = target->health == elbv2::TargetHealth::unhealthy;
            return "; task " + task->id + " is " + (unhealthy ? "unhealthy" : "not healthy yet") + ": " +
                   target->description;
        }
    }
    return {};
}

// How the newest task ended that ended by itself.
std::string last_failure(const state::View& view, const ServiceRecord& service) {
    const TaskRecord* last = nullptr;
    const auto stopped = view.find<TasksByFilter>(
        TasksByFilter::key(service.scope, service.cluster, "service", service.name, "STOPPED")
    );
    for (const auto& task : stopped) {
        if (task->stop_code != "EssentialContainerExited" && task->stop_code != "TaskFailedToStart") continue;
        if (task->service_key() != service.key()) continue;
        if (last == nullptr || last->created_at < task->created_at) last = task.get();
    }
    if (last == nullptr) return {};
    std::string text = "; a task ended: " + last->stopped_reason;
    for (const auto& container : last->containers)
        if (container.exit_code) text += " (" + container.name + ": exit code " + std::to_string(*container.exit_code) + ")";
    return text;
}

std::string line(const state::View& view, const ServiceRecord& service) {
    const auto all = uses_task_sets(service) ? deployed_in_task_sets(view, service) : deployed(view, service);
    const auto desired = static_cast<std::size_t>(service.desired_count);
    if (service.status == ServiceStatus::ACTIVE && all.parts <= 1 && all.running == desired && all.settled)
        return {};
    // Whose account and region it is: the key says it.
    std::string text = service.key() + ": ";
    if (service.status == ServiceStatus::DRAINING) text += "deleted, draining; ";
    text += std::to_string(all.running) + " of " + std::to_string(desired) + " tasks run";
    if (all.parts > 1) text += " in " + std::to_string(all.parts) + " " + all.kind;
    if (!all.settled) text += "; " + all.reason;
    if (service.status == ServiceStatus::ACTIVE) {
        text += waiting_target(view, service);
        if (all.running < desired) text += last_failure(view, service);
    }
    const auto event = view.get<ServiceEventRecord>(
        ServiceEventRecord::key(service.parts(), service.last_event)
    );
    if (event) text += "; last event: " + event->message;
    return text;
}

}  // namespace

std::vector<std::string> unstable_services(const state::View& view, std::size_t most) {
    std::vector<std::string> lines;
    for (const auto& service : view.page<ServiceRecord>({}, {}, kServicesMost).records) {
        if (lines.size() >= most) break;
        if (service->status == ServiceStatus::INACTIVE) continue;
        if (auto text = line(view, *service); !text.empty()) lines.push_back(std::move(text));
    }
    return lines;
}

}  // namespace gantry::ecs
