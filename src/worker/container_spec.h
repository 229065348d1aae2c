#pragma once

#include <map>
#include <string>
#include <vector>

#include "link/desired_task.h"
#include "port/container.h"
#include "worker/container_output.h"
#include "worker/task_facts.h"

namespace gantry::worker {

// What the worker's owner decides for all tasks.
struct TaskSurroundings {
    // AWS_ENDPOINT_URL_<SERVICE> → address of Gantry's API as tasks see it. A task definition that sets the
    // same name, or AWS_ENDPOINT_URL, wins. Empty where the server is told not to.
    std::map<std::string, std::string> endpoints;
    // Where the metadata server answers, without a slash at the end.
    std::string metadata_url = "http://169.254.170.2";
    std::string resolver = "169.254.169.253";
};

// Files of one container that the agent has put on its disk; see task_files.h.
struct MountedFiles {
    std::string hosts;
    std::string resolv_conf;
    std::string hostname;
};

// The parent cgroup and disk of a task. CPU becomes a quota (1024 units are one CPU) and shares, as ECS does
// for a task-level cpu; 0 is no limit. Storage: ephemeralStorage, else 20 GiB, or before platform version
// 1.4.0 its 10 GiB and 4 GiB for volumes together.
port::TaskSpec task_spec(const link::DesiredTask& task);

// One container as a runtime understands it. CPU units become shares (at least 2, as ECS's agent does),
// memory the hard limit, memoryReservation the soft one. facts: the network is attached, images are known.
port::ContainerSpec container_spec(
    const link::DesiredTask& task,
    const link::DesiredContainer& container,
    const TaskFacts& facts,
    const TaskSurroundings& surroundings,
    const MountedFiles& files,
    const OutputPaths& output
);

// The definition's environment with what ECS and Fargate add. Later entries of a name win; sorted by nothing:
// the order of the definition.
std::vector<std::pair<std::string, std::string>> container_environment(
    const link::DesiredTask& task,
    const link::DesiredContainer& container,
    const TaskSurroundings& surroundings
);

// The last part of the metadata address of a container, and of its credentials' address: not secret, stable.
std::string metadata_id(const link::DesiredTask& task, const link::DesiredContainer& container);
std::string credentials_id(const link::DesiredTask& task);

}  // namespace gantry::worker
