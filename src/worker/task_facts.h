#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "link/desired_task.h"
#include "link/status.h"

// What a worker knows of one task: what it did and saw. Kept on its disk, so that a restart goes on where it
// was. Only observe.h and next_step.h write it; instants once set stay, which is why statuses never go back.
namespace gantry::worker {

struct HealthFacts {
    link::HealthStatus status = link::HealthStatus::UNKNOWN;
    int failures = 0;                      // in a row, those of the start period not counted
    bool passed = false;                   // since the container's last start
    std::optional<RealInstant> probed_at;  // end of the last probe
    bool probing = false;                  // not kept
    friend bool operator==(const HealthFacts&, const HealthFacts&) = default;
};
BOOST_DESCRIBE_STRUCT(HealthFacts, (), (status, failures, passed, probed_at))

enum class ContainerPhase {
    absent,   // not made yet
    created,  // made, its command does not run
    running,
    exited,  // ran and ended, or will never run: then started_at is not set
};
BOOST_DESCRIBE_ENUM(ContainerPhase, absent, created, running, exited)

struct ContainerFacts {
    std::string name;
    std::string id;  // in the runtime; also ECS's runtimeId
    ContainerPhase phase = ContainerPhase::absent;
    std::string image_digest;  // not empty: the image is here
    std::vector<std::string> image_volumes;  // VOLUMEs of that image
    int stop_signal = 15;
    std::optional<RealInstant> created_at;
    std::optional<RealInstant> started_at;  // of the last start
    std::optional<RealInstant> finished_at;
    std::optional<int> exit_code;
    std::string reason;
    bool concluded = false;        // what its exit means has been decided
    bool restart_pending = false;  // by its restart policy
    int restart_count = 0;
    std::optional<RealInstant> signalled_at;  // stop signal sent
    std::optional<RealInstant> killed_at;     // last SIGKILL
    bool removed = false;
    HealthFacts health;
    int pull_attempts = 0;
    std::optional<RealInstant> pull_not_before;
    bool pulling = false;  // not kept
    friend bool operator==(const ContainerFacts&, const ContainerFacts&) = default;
};
BOOST_DESCRIBE_STRUCT(
    ContainerFacts,
    (),
    (name,
     id,
     phase,
     image_digest,
     image_volumes,
     stop_signal,
     created_at,
     started_at,
     finished_at,
     exit_code,
     reason,
     concluded,
     restart_pending,
     restart_count,
     signalled_at,
     killed_at,
     removed,
     health,
     pull_attempts,
     pull_not_before)
)

// A step that failed and will be tried again.
struct Trouble {
    int attempts = 0;
    RealInstant not_before;
    std::string message;
    friend bool operator==(const Trouble&, const Trouble&) = default;
};
BOOST_DESCRIBE_STRUCT(Trouble, (), (attempts, not_before, message))

struct TaskFacts {
    std::vector<ContainerFacts> containers;  // in the order of the definition
    std::string network_namespace;           // not empty: attached
    bool network_released = false;
    bool storage_ready = false;
    bool storage_removed = false;
    std::optional<RealInstant> pull_started_at;
    std::optional<RealInstant> pull_stopped_at;
    std::optional<RealInstant> started_at;
    std::optional<RealInstant> stopping_at;
    std::optional<RealInstant> execution_stopped_at;
    std::optional<RealInstant> stopped_at;
    std::string stop_code;
    std::string stop_reason;
    std::vector<std::string> warnings;
    std::map<std::string, Trouble> troubles;  // by step_key()

    ContainerFacts* find(std::string_view name) {
        for (auto& container : containers)
            if (container.name == name) return &container;
        return nullptr;
    }
    const ContainerFacts* find(std::string_view name) const {
        return const_cast<TaskFacts*>(this)->find(name);
    }
    friend bool operator==(const TaskFacts&, const TaskFacts&) = default;
};
BOOST_DESCRIBE_STRUCT(
    TaskFacts,
    (),
    (containers,
     network_namespace,
     network_released,
     storage_ready,
     storage_removed,
     pull_started_at,
     pull_stopped_at,
     started_at,
     stopping_at,
     execution_stopped_at,
     stopped_at,
     stop_code,
     stop_reason,
     warnings,
     troubles)
)

// Nothing done yet.
TaskFacts first_facts(const link::DesiredTask& task);

// The id of a container in the runtime: the task's id and ten digits from the container's name, as Fargate's
// runtimeId looks. Names may be longer than ids; the same name always gives the same id.
std::string container_id(const link::DesiredTask& task, std::string_view name);

}  // namespace gantry::worker
