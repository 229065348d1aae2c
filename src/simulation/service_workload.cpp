#include "simulation/service_workload.h"

#include "dispatch/ecs_handlers.h"
#include "ec2/subnet.h"
#include "ecs/deployment.h"
#include "ecs/service.h"
#include "ecs/task_indexes.h"
#include "ecs/task_set.h"

namespace gantry::simulation {

using namespace shapes::ecs;
using std::chrono::milliseconds;

ServiceWorkload::ServiceWorkload(
    World& world, Checker& checker, std::uint64_t seed, std::vector<std::string> families
)
    : world_(world), checker_(checker), chance_(seed), families_(std::move(families)) {}

std::string ServiceWorkload::subnets() const {
    std::string text;
    for (const auto& subnet : world_.view().list<ec2::SubnetRecord>(world_.caller().scope()))
        text += (text.empty() ? "\"" : ",\"") + subnet->id + "\"";
    return text;
}

// Half of them work: services that never come up teach little.
std::string ServiceWorkload::any_family() {
    return below(2) == 0 ? "web"
                         : families_[static_cast<std::size_t>(below(static_cast<int>(families_.size())))];
}

std::string ServiceWorkload::configuration() {
    static constexpr int kMinimum[] = {0, 50, 100, 100};
    static constexpr int kMaximum[] = {100, 150, 200, 200};
    const bool breaks = below(2) == 0;
    return R"("deploymentConfiguration":{"minimumHealthyPercent":)" + std::to_string(kMinimum[below(4)]) +
           R"(,"maximumPercent":)" + std::to_string(kMaximum[below(4)]) +
           R"(,"deploymentCircuitBreaker":{"enable":)" + (breaks ? "true" : "false") + R"(,"rollback":)" +
           (breaks && below(2) == 0 ? "true" : "false") + "}}";
}

std::string ServiceWorkload::load_balancers() {
    if (groups_.empty() || below(4) == 0) return {};
    const auto& group = groups_[static_cast<std::size_t>(below(static_cast<int>(groups_.size())))];
    return R"(,"healthCheckGracePeriodSeconds":0,"loadBalancers":[{"containerName":"main","containerPort":80,)"
           R"("targetGroupArn":")" + group + R"("}])";
}

std::vector<std::string> ServiceWorkload::active() const {
    std::vector<std::string> names;
    for (const auto& service : world_.view().list<ecs::ServiceRecord>())
        if (service->status == ecs::ServiceStatus::ACTIVE) names.push_back(service->name);
    return names;
}

void ServiceWorkload::create() {
    if (below(3) == 0) return create_external();
    const std::string name = "service-" + std::to_string(++made_ % 4);
    const std::string json =
        R"({"serviceName":")" + name + R"(","taskDefinition":")" + any_family() +
        R"(","launchType":"FARGATE","availabilityZoneRebalancing":"DISABLED","desiredCount":)" +
        std::to_string(below(5)) + "," + configuration() +
        R"(,"networkConfiguration":{"awsvpcConfiguration":{"subnets":[)" + subnets() + "]}}" + load_balancers() +
        "}";
    checker_.event("create " + name);
    world_.ask<CreateServiceResponse, CreateServiceRequest>(
        ecs::create_service, json,
        [this, name, alive = std::weak_ptr(alive_)](const Result<CreateServiceResponse>& response) {
            if (alive.expired() || !response) return;
            if (response->service->status != "ACTIVE")
                checker_.violation("a service is created " + response->service->status.value_or("?"));
        }
    );
}

void ServiceWorkload::update(const std::string& name, const std::string& members) {
    checker_.event("update " + name + " " + members);
    world_.ask<UpdateServiceResponse, UpdateServiceRequest>(
        ecs::update_service, R"({"service":")" + name + "\"," + members + "}",
        [](const Result<UpdateServiceResponse>&) {}
    );
}

void ServiceWorkload::remove(const std::string& name) {
    checker_.event("delete " + name);
    world_.ask<DeleteServiceResponse, DeleteServiceRequest>(
        ecs::delete_service, R"({"force":true,"service":")" + name + "\"}",
        [](const Result<DeleteServiceResponse>&) {}
    );
}

void ServiceWorkload::act() {
    const auto names = active();
    const int draw = below(100);
    if (names.empty() || draw < 20) return create();
    const auto& name = names[static_cast<std::size_t>(below(static_cast<int>(names.size())))];
    const auto service =
        world_.view().get<ecs::ServiceRecord>(ecs::ServiceRecord::key(world_.caller().scope(), "default", name));
    if (service && ecs::uses_task_sets(*service) && draw < 80) return act_on_task_sets(*service);
    if (draw < 45) return update(name, R"("taskDefinition":")" + any_family() + "\"");
    if (draw < 60) return update(name, R"("desiredCount":)" + std::to_string(below(6)));
    if (draw < 70) return update(name, R"("forceNewDeployment":true)");
    if (draw < 80) return update(name, configuration());
    if (draw < 90) return remove(name);
    // A user stops one of its tasks.
    for (const auto& task : world_.view().list<ecs::TaskRecord>()) {
        if (task->service() != name || task->stopping()) continue;
        checker_.event("stop " + task->id.substr(0, 8) + " of " + name);
        return world_.ask<StopTaskResponse, StopTaskRequest>(
            ecs::stop_task, R"({"task":")" + task->id + "\"}", [](const Result<StopTaskResponse>&) {}
        );
    }
}

void ServiceWorkload::mend() {
    for (const auto& service : world_.view().list<ecs::ServiceRecord>()) {
        if (service->status != ecs::ServiceStatus::ACTIVE) continue;
        if (ecs::uses_task_sets(*service)) {
            mend_task_sets(*service);
            continue;
        }
        const auto deployment = world_.view().get<ecs::DeploymentRecord>(
            ecs::DeploymentRecord::key(service->parts(), service->primary)
        );
        const bool sound = deployment && deployment->definition.find("/web:") != std::string::npos &&
                           deployment->rollout_state != ecs::RolloutState::FAILED &&
                           service->maximum_percent() == 200;
        if (sound) continue;
        update(
            service->name,
            R"("taskDefinition":"web","forceNewDeployment":true,"deploymentConfiguration":{"maximumPercent":200})"
        );
    }
}

void ServiceWorkload::remove_all() {
    for (const auto& name : active()) remove(name);
}

std::vector<std::string> ServiceWorkload::unconverged() const {
    std::vector<std::string> why;
    const auto view = world_.view();
    for (const auto& service : view.list<ecs::ServiceRecord>()) {
        if (service->status == ecs::ServiceStatus::INACTIVE) continue;
        if (service->status == ecs::ServiceStatus::DRAINING) {
            why.push_back(service->name + " is DRAINING");
            continue;
        }
        if (ecs::uses_task_sets(*service)) {
            why_task_sets_unconverged(*service, why);
            continue;
        }
        int running = 0;
        for (const auto& task : view.find<ecs::TasksByService>(service->key()))
            running += !task->stopping() && task->last_status == link::TaskStatus::RUNNING;
        if (running != service->desired_count)
            why.push_back(
                service->name + " shall have " + std::to_string(service->desired_count) + " tasks and has " +
                std::to_string(running)
            );
        const auto deployments = view.list<ecs::DeploymentRecord>(service->parts());
        if (deployments.size() != 1) {
            for (const auto& task : view.find<ecs::TasksByService>(service->key()))
                why.push_back(
                    service->name + " has " + task->id.substr(0, 8) + " of " + task->started_by + ", " +
                    (task->served ? "served" : "not served") + (task->stopping() ? ", to stop" : "") +
                    (task->disconnected ? ", disconnected" : "") + ", running since " +
                    std::to_string(task->running_since ? task->running_since->ms : 0)
                );
            for (const auto& deployment : deployments) why.push_back(encode_text(*deployment));
        }
        if (deployments.size() != 1)
            why.push_back(service->name + " has " + std::to_string(deployments.size()) + " deployments");
        for (const auto& deployment : deployments)
            if (deployment->rollout_state != ecs::RolloutState::COMPLETED)
                why.push_back(service->name + ": " + deployment->rollout_state_reason);
        if (!service->told.steady) why.push_back(service->name + " is not steady");
    }
    return why;
}

}  // namespace gantry::simulation
