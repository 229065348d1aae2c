#pragma once

#include <string>
#include <string_view>

#include "ecs/task_set.h"
#include "operation/caller.h"
#include "shapes/ecs/shapes.h"

// What the operations on task sets check alike, in AWS's words.
namespace gantry::ecs {

// The ACTIVE service whose task sets users manage themselves: its deployment controller is EXTERNAL. ECS refuses
// the others, CodeDeploy's included.
Result<state::Pinned<ServiceRecord>> find_external_service(
    const state::View& view, const std::string& cluster, const std::string& service, const Caller& caller
);

// By id ("ecs-svc/DIGITS") or ARN; InvalidParameterException for what is neither, TaskSetNotFoundException.
Result<state::Pinned<TaskSetRecord>> find_task_set(
    const state::View& view, const ServiceRecord& service, std::string_view given
);

// The id in an id or an ARN, which may be of another service: then it is empty.
Result<std::string> task_set_id(const ServiceRecord& service, std::string_view given);

// Percent, 0 to 100.
Result<double> admit_scale(const shapes::ecs::Scale& scale);

}  // namespace gantry::ecs
