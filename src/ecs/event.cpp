#include "ecs/event.h"

#include <boost/json.hpp>

#include "ecs/scope.h"
#include "ecs/service_words.h"
#include "ecs/task_shape.h"
#include "shapes/json.h"

namespace gantry::ecs {

namespace {

constexpr const char* kSource = "aws.ecs";

// In events points of time are text.
void spell_times(boost::json::object& detail) {
    for (const char* name :
         {"createdAt", "startedAt", "stoppingAt", "stoppedAt", "executionStoppedAt", "pullStartedAt",
          "pullStoppedAt", "connectivityAt"}) {
        auto* value = detail.if_contains(name);
        if (value == nullptr || !value->is_number()) continue;
        *value = format_iso8601(static_cast<std::int64_t>(value->to_number<double>() * 1'000 + 0.5));
    }
}

eventbus::EventRecord task_event(const state::View& view, const state::Turn& turn, const TaskRecord& task) {
    auto detail = shapes::to_json(task_shape(view, task, false)).as_object();
    spell_times(detail);
    for (const char* unknown : {"tags", "inferenceAccelerators", "healthStatus"}) detail.erase(unknown);
    // Attachments have another name here than in the API.
    if (auto* attachments = detail.if_contains("attachments")) {
        for (auto& attachment : attachments->as_array()) attachment.as_object()["type"] = "eni";
    }
    detail["updatedAt"] = format_iso8601(turn.now.ms);
    eventbus::EventFacts facts{kSource, "ECS Task State Change", {task.arn()}, std::move(detail), turn.now};
    return eventbus::make_event(turn, task.scope, eventbus::kDefaultBus, std::move(facts));
}

struct Action {
    const char* type;
    const char* name;
    const char* reason;  // or null
};

std::optional<Action> action_of(const std::string& message) {
    if (message.ends_with(words::steady_state())) return Action{"INFO", "SERVICE_STEADY_STATE", nullptr};
    if (message.ends_with(words::task_set_steady())) return Action{"INFO", "TASKSET_STEADY_STATE", nullptr};
    if (message.ends_with(words::inconsistent_starts()))
        return Action{"WARN", "SERVICE_TASK_START_IMPAIRED", nullptr};
    if (message.ends_with(words::unplaced()))
        return Action{"ERROR", "SERVICE_TASK_PLACEMENT_FAILURE", "RESOURCE:FARGATE"};
    if (message.find("updated computedDesiredCount for taskSet ") != std::string::npos)
        return Action{"INFO", "SERVICE_DESIRED_COUNT_UPDATED", nullptr};
    return std::nullopt;
}

}  // namespace

void note_change(const state::View& view, const state::Turn& turn, TaskRecord& task, state::Plan& plan) {
    ++task.version;
    if (eventbus::listened_to(view, task.scope)) plan.put(task_event(view, turn, task), "a task changed");
}

void note_change(state::Txn& txn, TaskRecord& task) {
    state::Plan plan;
    note_change(txn, txn.turn(), task, plan);
    txn.apply(plan);
}

std::optional<eventbus::EventRecord> service_action(
    const state::View& view, const state::Turn& turn, const ServiceRecord& service, const std::string& message
) {
    const auto action = action_of(message);
    if (!action || !eventbus::listened_to(view, service.scope)) return std::nullopt;
    boost::json::object detail;
    detail["eventType"] = action->type;
    detail["eventName"] = action->name;
    detail["clusterArn"] = cluster_arn(service.scope, service.cluster);
    if (action->reason != nullptr) detail["reason"] = action->reason;
    detail["createdAt"] = format_iso8601(turn.now.ms);
    eventbus::EventFacts facts{kSource, "ECS Service Action", {service.arn()}, std::move(detail), turn.now};
    return eventbus::make_event(turn, service.scope, eventbus::kDefaultBus, std::move(facts));
}

std::optional<eventbus::EventRecord> deployment_change(
    const state::View& view,
    const state::Turn& turn,
    const ServiceRecord& service,
    const DeploymentRecord& deployment
) {
    if (!eventbus::listened_to(view, service.scope)) return std::nullopt;
    const bool failed = deployment.rollout_state == RolloutState::FAILED;
    const bool completed = deployment.rollout_state == RolloutState::COMPLETED;
    boost::json::object detail;
    detail["eventType"] = failed ? "ERROR" : "INFO";
    detail["eventName"] = failed      ? "SERVICE_DEPLOYMENT_FAILED"
                          : completed ? "SERVICE_DEPLOYMENT_COMPLETED"
                                      : "SERVICE_DEPLOYMENT_IN_PROGRESS";
    detail["deploymentId"] = deployment.name();
    detail["updatedAt"] = format_iso8601(turn.now.ms);
    detail["reason"] = deployment.rollout_state_reason;
    eventbus::EventFacts facts{
        kSource, "ECS Deployment State Change", {service.arn()}, std::move(detail), turn.now};
    return eventbus::make_event(turn, service.scope, eventbus::kDefaultBus, std::move(facts));
}

}  // namespace gantry::ecs
