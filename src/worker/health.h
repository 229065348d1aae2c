#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "link/desired_container.h"
#include "link/desired_task.h"
#include "worker/task_facts.h"

namespace gantry::worker {

// A container's health check with AWS's defaults filled in.
struct Check {
    std::vector<std::string> argv;
    Duration interval;
    Duration timeout;
    int retries = 3;
    Duration start_period;
};

// Nothing when the container has none or says NONE. The image's HEALTHCHECK does not count, as on ECS.
std::optional<Check> health_check(const link::DesiredContainer& container);

// The first probe is one interval after the container's start, further ones one interval after the last
// ended.
RealInstant next_probe_at(const Check& check, RealInstant started_at, const HealthFacts& health);

// One success makes HEALTHY; `retries` failures in a row make UNHEALTHY. Failures in the start period do not
// count until a probe has succeeded.
void apply_probe(
    const Check& check, RealInstant started_at, HealthFacts& health, bool passed, RealInstant ended
);

// Of the essential containers that have a check: UNHEALTHY if one is, HEALTHY if all are, else UNKNOWN.
link::HealthStatus task_health(const link::DesiredTask& task, const TaskFacts& facts);

}  // namespace gantry::worker
