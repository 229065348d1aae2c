#include "dispatch/ecs_handlers.h"
#include "ecs/task_indexes.h"
#include "ecs/task_set.h"
#include "simulation/service_workload.h"

namespace gantry::simulation {

using namespace shapes::ecs;

namespace {

std::string named(const std::string& service, const char* member, const std::string& set) {
    return R"({"cluster":"default","service":")" + service + R"(",")" + member + R"(":")" + set + "\"";
}

std::string percent_of(int percent) {
    return R"(,"scale":{"unit":"PERCENT","value":)" + std::to_string(percent) + "}";
}

bool works(const ecs::TaskSetRecord& set) { return set.definition.find("/web:") != std::string::npos; }

}  // namespace

void ServiceWorkload::create_external() {
    const std::string name = "service-" + std::to_string(++made_ % 4);
    checker_.event("create external " + name);
    world_.ask<CreateServiceResponse, CreateServiceRequest>(
        ecs::create_service,
        R"({"serviceName":")" + name +
            R"(","deploymentController":{"type":"EXTERNAL"},"availabilityZoneRebalancing":"DISABLED","desiredCount":)" +
            std::to_string(below(5)) + "}",
        [](const Result<CreateServiceResponse>&) {}
    );
}

void ServiceWorkload::create_task_set(const std::string& service, const std::string& family, int percent) {
    checker_.event("create task set of " + family + " in " + service);
    world_.ask<CreateTaskSetResponse, CreateTaskSetRequest>(
        ecs::create_task_set,
        named(service, "taskDefinition", family) + percent_of(percent) +
            R"(,"launchType":"FARGATE","networkConfiguration":{"awsvpcConfiguration":{"subnets":[)" + subnets() +
            "]}}" + load_balancers() + "}",
        [](const Result<CreateTaskSetResponse>&) {}
    );
}

void ServiceWorkload::scale_task_set(const std::string& service, const std::string& set, int percent) {
    checker_.event("scale " + set + " to " + std::to_string(percent));
    world_.ask<UpdateTaskSetResponse, UpdateTaskSetRequest>(
        ecs::update_task_set, named(service, "taskSet", set) + percent_of(percent) + "}",
        [](const Result<UpdateTaskSetResponse>&) {}
    );
}

void ServiceWorkload::promote_task_set(const std::string& service, const std::string& set) {
    checker_.event("promote " + set);
    world_.ask<UpdateServicePrimaryTaskSetResponse, UpdateServicePrimaryTaskSetRequest>(
        ecs::update_service_primary_task_set, named(service, "primaryTaskSet", set) + "}",
        [](const Result<UpdateServicePrimaryTaskSetResponse>&) {}
    );
}

void ServiceWorkload::delete_task_set(const std::string& service, const std::string& set) {
    checker_.event("delete " + set);
    world_.ask<DeleteTaskSetResponse, DeleteTaskSetRequest>(
        ecs::delete_task_set, named(service, "taskSet", set) + R"(,"force":true})",
        [](const Result<DeleteTaskSetResponse>&) {}
    );
}

void ServiceWorkload::act_on_task_sets(const ecs::ServiceRecord& service) {
    const auto sets = ecs::task_sets_of(world_.view(), service);
    const int draw = below(100);
    if (sets.empty() || draw < 30) return create_task_set(service.name, any_family(), 10 * below(11));
    const auto& set = *sets[static_cast<std::size_t>(below(static_cast<int>(sets.size())))];
    if (draw < 50) return scale_task_set(service.name, set.name(), 10 * below(11));
    if (draw < 65) return promote_task_set(service.name, set.name());
    if (draw < 85) return delete_task_set(service.name, set.name());
    update(service.name, R"("desiredCount":)" + std::to_string(below(6)));
}

// One of a definition that works becomes PRIMARY and stays; all that do not work go.
void ServiceWorkload::mend_task_sets(const ecs::ServiceRecord& service) {
    std::string good;
    for (const auto& set : ecs::task_sets_of(world_.view(), service)) {
        if (set->status == ecs::TaskSetStatus::DRAINING) continue;
        if (!works(*set)) {
            if (set->status != ecs::TaskSetStatus::PRIMARY) delete_task_set(service.name, set->name());
            continue;
        }
        if (good.empty()) good = set->name();
    }
    if (good.empty()) return create_task_set(service.name, "web", 100);
    promote_task_set(service.name, good);
}

void ServiceWorkload::why_task_sets_unconverged(
    const ecs::ServiceRecord& service, std::vector<std::string>& why
) const {
    const auto view = world_.view();
    for (const auto& set : ecs::task_sets_of(view, service)) {
        if (!works(*set)) why.push_back(service.name + " still has " + set->name());
        int running = 0;
        for (const auto& task : view.find<ecs::TasksByService>(service.key()))
            running += task->service_revision == set->key() && !task->stopping() &&
                       task->last_status == link::TaskStatus::RUNNING;
        const auto progress = ecs::progress_of(view, service, *set);
        if (running != progress.desired)
            why.push_back(
                set->name() + " shall have " + std::to_string(progress.desired) + " tasks and has " +
                std::to_string(running)
            );
        if (!progress.steady) why.push_back("not steady: " + encode_text(*set));
    }
    if (!service.told.steady) why.push_back(service.name + " is not steady");
}

}  // namespace gantry::simulation
