#pragma once

#include "base/instant.h"
#include "link/desired_task.h"
#include "worker/step.h"
#include "worker/task_facts.h"

namespace gantry::worker {

// The worker's whole decision about one task: what follows from what is wanted and what is known, and what to
// do next. Pure; the same input gives the same decision.
//
// Called whenever something was observed, the desired task changed or `again` has come, but not while a
// foreground step of the task is under way. It marks the background steps that it returns as running in the
// facts; observe.h takes the marks back.
//
// The way up: pull every image (side by side), attach the network, prepare, then each container as soon as
// its dependsOn conditions hold: create, start. The task is RUNNING once every container has run.
// The way down, from the moment that it is decided to stop: stop signals against the order of dependsOn, each
// followed by SIGKILL after stopTimeout; then remove containers, detach the network, clean up.
// It is decided to stop when the control plane wants it, when an essential container has ended and its
// restart policy does not start it again, and when the task cannot be started.
//
// On a converged task there are no steps: running and healthy, or STOPPED.
Decision next_step(const link::DesiredTask& task, TaskFacts facts, RealInstant now);

// ECS's lastStatus that follows from the facts; it never goes back because facts are never unset.
link::TaskStatus observed_status(const TaskFacts& facts);

// Decides to stop, unless that was decided before: the first reason is the one that people see.
void decide_stop(TaskFacts& facts, RealInstant now, std::string code, std::string reason);

}  // namespace gantry::worker
