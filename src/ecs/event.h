#pragma once

#include <boost/describe.hpp>
#include <string>

#include "base/codec.h"
#include "base/instant.h"
#include "ecs/task.h"
#include "state/plan.h"
#include "state/schema.h"

namespace gantry::ecs {

// Outbox: a task changed in a way that EventBridge tells of as "ECS Task State Change". Written by the
// transaction that changed it, seen once each. Small: what does not change stands in the task's record, which
// outlives its events.
struct TaskChangeRecord {
    static constexpr state::TableInfo kTable{"ecs.task_state_change", 1};

    std::string task;  // record key
    std::int64_t version = 0;
    PolicyInstant at;
    link::TaskStatus last_status = link::TaskStatus::PROVISIONING;
    link::TaskStatus desired_status = link::TaskStatus::RUNNING;
    std::string stop_code;
    std::string stopped_reason;

    // In the order of their times, over all accounts.
    std::string key() const { return padded(at.ms, 15) + "/" + task + "/" + padded(version, 6); }
};
BOOST_DESCRIBE_STRUCT(
    TaskChangeRecord, (), (task, version, at, last_status, desired_status, stop_code, stopped_reason)
)

// An event that nobody took within this time is dropped.
inline constexpr Duration kEventKept = std::chrono::hours(1);

// Counts the task's version up and makes the event of it; both are the caller's to put.
TaskChangeRecord note_change(TaskRecord& task, PolicyInstant now);

}  // namespace gantry::ecs
