#pragma once

#include <string>
#include <string_view>

#include "ecs/task.h"
#include "ecs/worker.h"
#include "state/plan.h"
#include "state/turn.h"
#include "state/view.h"

// The steps of a task's life that the control plane takes. All are pure: they change the record they are
// given and plan the rest.
namespace gantry::ecs {

// Gives the task to this worker; the worker's record with the promise is the caller's to put.
WorkerRecord promise(const WorkerRecord& worker, TaskRecord& task);

Demand demand_of(const state::View& view, const TaskRecord& task);

// Desired status STOPPED, with ECS's stopCode and words. Does nothing to one that is stopping already: the
// first reason counts.
void want_stopped(TaskRecord& task, std::string code, std::string reason, PolicyInstant now);

// The end: the interface is released, the worker's promise taken back, the status STOPPED. Only when no
// worker has the task, or its worker has said that the network is gone.
void finish(const state::View& view, const state::Turn& turn, TaskRecord task, state::Plan& plan);

// One step towards a worker: pick one, make the interface. Plans nothing while there is nothing to do or no
// room.
void place(const state::View& view, const state::Turn& turn, const TaskRecord& task, state::Plan& plan);

// Whether its worker may be told of it.
bool placed(const TaskRecord& task);

// Whether its worker may send the stop signal: it is to stop and no load balancer has it (any more).
bool may_be_signalled(const TaskRecord& task);

}  // namespace gantry::ecs
