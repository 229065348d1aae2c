#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "link/status.h"

// What a worker has seen of a task: the whole, never a difference, so that a report replaces the one before.
// All instants are the worker's real time; the control plane turns them into policy time where it shows them.
namespace gantry::link {

struct ObservedContainer {
    std::string name;
    ContainerStatus status = ContainerStatus::PENDING;
    std::optional<int> exit_code;  // set once it has exited; absent when it never started
    std::string reason;        // "CannotPullContainerError: …", "OutOfMemoryError: Container killed due to …"
    std::string runtime_id;    // ECS's runtimeId
    std::string image_digest;  // "sha256:…"
    HealthStatus health = HealthStatus::UNKNOWN;
    int restart_count = 0;
    std::optional<RealInstant> created_at;
    std::optional<RealInstant> started_at;
    std::optional<RealInstant> finished_at;
    friend bool operator==(const ObservedContainer&, const ObservedContainer&) = default;
};
BOOST_DESCRIBE_STRUCT(
    ObservedContainer,
    (),
    (name,
     status,
     exit_code,
     reason,
     runtime_id,
     image_digest,
     health,
     restart_count,
     created_at,
     started_at,
     finished_at)
)

struct ObservedTask {
    TaskStatus status = TaskStatus::PENDING;
    std::vector<ObservedContainer> containers;  // in the order of the definition
    HealthStatus health = HealthStatus::UNKNOWN;
    std::optional<RealInstant> pull_started_at;
    std::optional<RealInstant> pull_stopped_at;
    std::optional<RealInstant> started_at;            // all containers that must run did
    std::optional<RealInstant> stopping_at;           // it was decided to stop
    std::optional<RealInstant> execution_stopped_at;  // the last container stopped
    std::optional<RealInstant> stopped_at;

    // Why it stopped by itself, in ECS's words: "EssentialContainerExited", "TaskFailedToStart", … Where the
    // control plane asked for the stop, these repeat what it said.
    std::string stop_code;
    std::string stop_reason;

    // The ENI's namespace is gone and its address may be given to another one.
    bool network_released = false;
    // What the machine could not grant in full ("ulimit nofile of …"), for people to read.
    std::vector<std::string> warnings;
    friend bool operator==(const ObservedTask&, const ObservedTask&) = default;
};
BOOST_DESCRIBE_STRUCT(
    ObservedTask,
    (),
    (status,
     containers,
     health,
     pull_started_at,
     pull_stopped_at,
     started_at,
     stopping_at,
     execution_stopped_at,
     stopped_at,
     stop_code,
     stop_reason,
     network_released,
     warnings)
)

}  // namespace gantry::link
