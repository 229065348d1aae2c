#pragma once

#include <string>

#include "base/instant.h"
#include "link/desired_task.h"
#include "worker/task_facts.h"

namespace gantry::worker {

// How a container's dependsOn and volumesFrom stand.
struct DependencyState {
    enum class Verdict { ready, waiting, impossible };
    Verdict verdict = Verdict::ready;
    std::string why;                   // impossible: ECS's words
    std::optional<RealInstant> again;  // waiting: when a startTimeout runs out
};

// A condition holds: START once the dependency has been started (also if it has ended since), COMPLETE once
// it has ended, SUCCESS once it has ended with 0, HEALTHY while its health check says so. It becomes
// impossible when the dependency ended in another way, or when its startTimeout, counted from its start, ran
// out first. Containers whose volumes it takes have been created.
DependencyState dependency_state(
    const link::DesiredTask& task,
    const TaskFacts& facts,
    const link::DesiredContainer& container,
    RealInstant now
);

// Whether a container that depends on this one still runs: then it is too early to stop this one.
bool has_running_dependents(const link::DesiredTask& task, const TaskFacts& facts, std::string_view name);

}  // namespace gantry::worker
