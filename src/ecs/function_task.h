#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "ecs/service.h"
#include "ecs/service_revision.h"
#include "ecs/task.h"
#include "shapes/ecs/shapes.h"
#include "state/plan.h"
#include "state/turn.h"
#include "state/view.h"

// Gantry's own: where AWS runs a function (a deployment's hook), a task definition family of the function's name runs
// as a one-off task, because there are no functions here.
namespace gantry::ecs {

struct FunctionCall {
    std::string family;  // the function's name
    std::string started_by;
    std::map<std::string, std::string> environment;  // of each of its containers
    // Whose network it runs in, unless `network` says otherwise.
    const ServiceRevisionRecord* like = nullptr;
    std::optional<shapes::ecs::NetworkConfiguration> network;
};

// Plans the task, in the service's cluster, and returns its record key. ECS's refusal (no such family, ...), and then
// nothing is planned.
Result<std::string> call_function(
    const state::View& view,
    const state::Turn& turn,
    const ServiceRecord& service,
    const FunctionCall& call,
    const char* why,
    state::Plan& plan
);

// How the call ended: empty when all essential containers exited with 0, else why not; a task that is no more says
// nothing, so it failed. Absent: it still runs.
std::optional<std::string> function_failure(const state::View& view, const std::string& task);

// Plans the end of a call that took too long.
void end_function(const state::View& view, const state::Turn& turn, const std::string& task, std::string why, state::Plan& plan);

}  // namespace gantry::ecs
