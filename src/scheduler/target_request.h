#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "shapes/ecs/shapes.h"
#include "shapes/scheduler/shapes.h"

namespace gantry::scheduler {

// "arn:aws:events:REGION:ACCOUNT:event-bus/NAME": the name is behind the slash.
bool is_event_bus(std::string_view arn);
std::string bus_name(std::string_view arn);

// What an ECS target asks of RunTask. `input`: JSON, its overrides. Errc::invalid: the input or the parameters are not of
// RunTask's form.
Result<shapes::ecs::RunTaskRequest> task_request(
    const shapes::scheduler::Target& target, const std::string& input
);

// What stands for <aws.scheduler.…> in an input, as documented.
struct Invocation {
    std::string schedule_arn;
    std::string scheduled_time;  // "2026-11-24T03:00:00Z"
    std::string execution_id;
};
std::string fill_input(std::string input, const Invocation& invocation);

}  // namespace gantry::scheduler
