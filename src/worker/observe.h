#pragma once

#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "link/desired_task.h"
#include "port/container.h"
#include "port/images.h"
#include "worker/step.h"
#include "worker/task_facts.h"

// What happened, told to the facts of one task. Pure. Every function may be called again with the same news,
// late or out of order: what is known already stays.
namespace gantry::worker {

// A foreground step came to an end well.
void observe_done(TaskFacts& facts, const Step& step, RealInstant now);
// The worker has lost what it knew, and these containers were reported to have started.
void observe_started_before(TaskFacts& facts, const std::vector<std::string>& containers, RealInstant now);
void observe_attached(TaskFacts& facts, std::string network_namespace);
void observe_created(ContainerFacts& container, const port::Created& created, RealInstant now);

// A step failed. Retried with growing pauses where the error says that it may help, at most
// `step_attempts_max` times for steps of the way up; then the container, or the whole task, has failed with
// ECS's words: "CannotPullContainerError: …", "ResourceInitializationError: …".
inline constexpr int step_attempts_max = 8;
// ECS's agent asks a registry five times.
inline constexpr int pull_attempts_max = 5;
void observe_failed(TaskFacts& facts, const Step& step, const Error& error, RealInstant now);

// What the runtime says of a container; also after a restart of Gantry, when it may be much further than the
// facts.
void observe_status(ContainerFacts& container, const port::ContainerStatus& status);
// The runtime does not know the container (any more).
void observe_missing(ContainerFacts& container, RealInstant now);

void observe_pulled(
    TaskFacts& facts, ContainerFacts& container, const port::ImageInfo& image, RealInstant now
);
void observe_probed(
    const link::DesiredContainer& wanted, ContainerFacts& container, bool passed, RealInstant now
);

// The probe could not be made; the next one comes an interval later.
void observe_not_probed(ContainerFacts& container, RealInstant now);

// 1 s, 2 s, 4 s, … 30 s.
Duration retry_pause(int attempts);

}  // namespace gantry::worker
