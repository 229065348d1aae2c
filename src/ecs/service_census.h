#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ecs/service_state.h"

namespace gantry::ecs::scheduler {

// What a task is good for at this moment.
//   starting: on its way, or within its grace period; serving: running, and its checks (if any) pass;
//   failing: running, and its checks say unhealthy
enum class Stage { starting, serving, failing };

struct Member {
    const Task* task = nullptr;
    Stage stage = Stage::starting;
};

// The wanted tasks (desired status RUNNING) of one deployment, or of several.
struct Group {
    std::vector<Member> members;
    int starting = 0;
    int serving = 0;
    int failing = 0;
    int unplaced = 0;
    int leaving = 0;  // stopping and not gone
    int size() const { return static_cast<int>(members.size()); }
};

struct Census {
    std::map<std::string, Group> deployments;  // by id
    Group all;
    // When a task's stage changes by the passing of time alone.
    std::optional<RealInstant> changes_at;
};

Stage stage_of(
    const Task& task, const Service& service, const Now& now, std::optional<RealInstant>& changes_at
);
Census take_census(const Service& service, const Now& now);

}  // namespace gantry::ecs::scheduler
