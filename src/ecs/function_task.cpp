#include "ecs/function_task.h"

#include "ecs/admit_run_task.h"
#include "ecs/event.h"
#include "ecs/task_lifecycle.h"

namespace gantry::ecs {

using namespace shapes::ecs;

namespace {

TaskOverride environment(const RevisionRecord& definition, const std::map<std::string, std::string>& values) {
    TaskOverride overrides;
    auto& containers = overrides.container_overrides.emplace();
    for (const auto& container : *definition.definition.container_definitions) {
        auto& given = containers.emplace_back();
        given.name = container.name;
        given.environment.emplace();
        for (const auto& [name, value] : values) given.environment->push_back({name, value});
    }
    return overrides;
}

bool essential(const RevisionRecord* definition, const std::string& container) {
    if (definition == nullptr) return true;
    for (const auto& one : *definition->definition.container_definitions)
        if (one.name == container) return one.essential.value_or(true);
    return true;
}

std::string failure_of(const TaskRecord& task, const RevisionRecord* definition) {
    if (task.stop_code != "EssentialContainerExited")
        return task.stopped_reason.empty() ? "Its task was stopped." : task.stopped_reason;
    for (const auto& container : task.containers) {
        if (!essential(definition, container.name) || container.exit_code == 0) continue;
        const std::string code = container.exit_code ? std::to_string(*container.exit_code) : "no exit code";
        return "Container " + container.name + " of its task " + task.id + " ended with " + code + ".";
    }
    return {};
}

}  // namespace

Result<std::string> call_function(
    const state::View& view,
    const state::Turn& turn,
    const ServiceRecord& service,
    const FunctionCall& call,
    const char* why,
    state::Plan& plan
) {
    Caller caller;
    caller.account = account_of(service.scope);
    caller.region = region_of(service.scope);
    TRY(const auto name, parse_revision_name(call.family, caller));
    const auto definition = find_revision(view, service.scope, name);
    if (!definition) {
        return refuse(
            "ClientException", "There is no task definition family '" + call.family +
                                   "': Gantry runs it as a task where AWS runs a function of that name."
        );
    }
    RunTaskRequest request;
    request.cluster = service.cluster;
    request.task_definition = call.family;
    request.launch_type = "FARGATE";
    request.started_by = call.started_by;
    request.overrides = environment(*definition, call.environment);
    request.network_configuration = call.network;
    if (!call.network && call.like != nullptr) {
        AwsVpcConfiguration network;
        network.subnets = call.like->subnets;
        network.security_groups = call.like->security_groups;
        network.assign_public_ip = call.like->assign_public_ip ? "ENABLED" : "DISABLED";
        request.network_configuration.emplace().awsvpc_configuration = std::move(network);
    }
    TRY(const auto launch, admit_run_task(view, request, caller));
    TaskRecord task = launch.task;
    task.id = turn.chance.hex(32);
    task.created_at = turn.now;
    task.version = 0;
    std::string key = task.key();
    note_change(view, turn, task, plan);
    plan.put(std::move(task), why);
    return key;
}

std::optional<std::string> function_failure(const state::View& view, const std::string& key) {
    const auto task = view.get<TaskRecord>(key);
    if (!task) return "Its task is no more.";
    if (!task->stopped()) return {};
    return failure_of(*task, view.get<RevisionRecord>(task->revision_key()).get());
}

void end_function(
    const state::View& view, const state::Turn& turn, const std::string& key, std::string why, state::Plan& plan
) {
    const auto task = view.get<TaskRecord>(key);
    if (!task || task->stopped()) return;
    TaskRecord stopped = *task;
    want_stopped(stopped, "UserInitiated", std::move(why), turn.now);
    note_change(view, turn, stopped, plan);
    plan.put(std::move(stopped), "the function took too long");
}

}  // namespace gantry::ecs
