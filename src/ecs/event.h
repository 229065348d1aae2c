#pragma once

#include <optional>

#include "ecs/deployment.h"
#include "ecs/service.h"
#include "ecs/task.h"
#include "eventbus/event.h"
#include "state/plan.h"
#include "state/txn.h"

// What ECS tells EventBridge: records of the outbox, in the transaction that made it happen, where a rule of
// the default bus listens.
namespace gantry::ecs {

// The task changed in a way that "ECS Task State Change" tells of: counts its version up and plans the event.
// The task is the caller's to put.
void note_change(const state::View& view, const state::Turn& turn, TaskRecord& task, state::Plan& plan);
void note_change(state::Txn& txn, TaskRecord& task);

// "ECS Service Action", for those of a service's messages that ECS makes one of.
std::optional<eventbus::EventRecord> service_action(
    const state::View& view, const state::Turn& turn, const ServiceRecord& service, const std::string& message
);

// "ECS Deployment State Change": its rollout state is another now.
std::optional<eventbus::EventRecord> deployment_change(
    const state::View& view,
    const state::Turn& turn,
    const ServiceRecord& service,
    const DeploymentRecord& deployment
);

}  // namespace gantry::ecs
