#include "codedeploy/hook.h"

#include <algorithm>

#include "ecs/admit_run_task.h"
#include "ecs/event.h"

namespace gantry::codedeploy {

namespace {

using namespace shapes::ecs;

TaskOverride environment(
    const ecs::RevisionRecord& definition, const std::string& deployment, const std::string& execution
) {
    TaskOverride overrides;
    auto& containers = overrides.container_overrides.emplace();
    for (const auto& container : *definition.definition.container_definitions) {
        auto& given = containers.emplace_back();
        given.name = container.name;
        given.environment.emplace();
        given.environment->push_back({"DEPLOYMENT_ID", deployment});
        given.environment->push_back({"LIFECYCLE_EVENT_HOOK_EXECUTION_ID", execution});
    }
    return overrides;
}

std::string exits(const ecs::TaskRecord& task, const ecs::RevisionRecord* definition) {
    if (task.stop_code != "EssentialContainerExited")
        return task.stopped_reason.empty() ? "Its task was stopped." : task.stopped_reason;
    for (const auto& container : task.containers) {
        bool essential = true;
        if (definition != nullptr) {
            for (const auto& one : *definition->definition.container_definitions) {
                if (one.name == container.name) essential = one.essential.value_or(true);
            }
        }
        if (!essential || container.exit_code == 0) continue;
        const std::string code = container.exit_code ? std::to_string(*container.exit_code) : "no exit code";
        return "Container " + container.name + " of its task " + task.id + " ended with " + code + ".";
    }
    return {};
}

}  // namespace

Result<> start_hook(
    const state::View& view,
    const state::Turn& turn,
    const DeploymentRecord& deployment,
    const ecs::ServiceRecord& service,
    const ecs::ServiceRevisionRecord& like,
    LifecycleEvent& event,
    state::Plan& plan
) {
    Caller caller;
    caller.account = ecs::account_of(deployment.scope);
    caller.region = ecs::region_of(deployment.scope);
    TRY(const auto name, ecs::parse_revision_name(event.hook, caller));
    const auto definition = ecs::find_revision(view, deployment.scope, name);
    if (!definition) {
        return refuse(
            "ClientException", "There is no task definition family '" + event.hook +
                                   "': Gantry runs it as a task where AWS runs a function of that name."
        );
    }
    const std::string execution = turn.chance.uuid();
    RunTaskRequest request;
    request.cluster = service.cluster;
    request.task_definition = event.hook;
    request.launch_type = "FARGATE";
    request.started_by = deployment.id;
    request.overrides = environment(*definition, deployment.id, execution);
    if (deployment.spec.network) {
        request.network_configuration = deployment.spec.network;
    } else {
        AwsVpcConfiguration network;
        network.subnets = like.subnets;
        network.security_groups = like.security_groups;
        network.assign_public_ip = like.assign_public_ip ? "ENABLED" : "DISABLED";
        request.network_configuration.emplace().awsvpc_configuration = std::move(network);
    }
    TRY(const auto launch, ecs::admit_run_task(view, request, caller));
    ecs::TaskRecord task = launch.task;
    task.id = turn.chance.hex(32);
    task.created_at = turn.now;
    task.version = 0;
    event.execution = execution;
    event.task = task.key();
    ecs::note_change(view, turn, task, plan);
    plan.put(std::move(task), "the hook " + event.name + " of the deployment " + deployment.id);
    return {};
}

void judge_hook(const state::View& view, const state::Turn& turn, LifecycleEvent& event) {
    const auto task = view.get<ecs::TaskRecord>(event.task);
    if (task && !task->stopped()) return;
    const auto definition = task ? view.get<ecs::RevisionRecord>(task->revision_key()) : nullptr;
    const std::string why = task ? exits(*task, definition.get()) : "Its task is no more.";
    event.ended_at = turn.now;
    event.status = why.empty() ? EventStatus::Succeeded : EventStatus::Failed;
    if (why.empty()) return;
    event.error_code = "ScriptFailed";
    event.message = why;
}

}  // namespace gantry::codedeploy
