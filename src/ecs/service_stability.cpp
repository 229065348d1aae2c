#include "ecs/service_stability.h"

#include "ecs/deployment.h"
#include "ecs/service.h"
#include "ecs/service_event.h"
#include "ecs/task_indexes.h"

namespace gantry::ecs {

namespace {

constexpr std::size_t kServicesMost = 1'000;

std::string line(const state::View& view, const ServiceRecord& service) {
    const auto deployments = view.list<DeploymentRecord>(service.parts());
    std::size_t running = 0;
    state::Pinned<DeploymentRecord> primary;
    for (const auto& deployment : deployments) {
        running += view.count<TasksByDeployment>(TasksByDeployment::key(deployment->key(), "running"));
        if (deployment->status == DeploymentStatus::PRIMARY) primary = deployment;
    }
    const auto desired = static_cast<std::size_t>(service.desired_count);
    const bool settled = !primary || primary->rollout_state == RolloutState::COMPLETED;
    if (service.status == ServiceStatus::ACTIVE && deployments.size() == 1 && running == desired && settled)
        return {};
    // Whose account and region it is: the key says it.
    std::string text = service.key() + ": ";
    if (service.status == ServiceStatus::DRAINING) text += "deleted, draining; ";
    text += std::to_string(running) + " of " + std::to_string(desired) + " tasks run";
    if (deployments.size() > 1) text += " in " + std::to_string(deployments.size()) + " deployments";
    if (primary && !settled) text += "; " + primary->rollout_state_reason;
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
