#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>

#include "base/codec.h"
#include "base/instant.h"
#include "shapes/ecs/shapes.h"
#include "shapes/record_codec.h"
#include "state/schema.h"

namespace gantry::events {

// How often and how long a delivery is tried: what a target or schedule says, else AWS's own.
struct RetryPolicy {
    int attempts = 185;  // after the first one
    Duration age = std::chrono::hours(24);
    friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

// Outbox: tasks that a rule or schedule has ordered. Erased by the transaction that makes the tasks.
struct TaskDeliveryRecord {
    static constexpr state::TableInfo kTable{"events.task_delivery", 1};

    std::string account;
    std::string region;
    std::string id;   // UUID
    std::string what;  // "rule NAME", for people
    shapes::ecs::RunTaskRequest request;
    PolicyInstant at;  // of the event
    int retries = 185;
    std::int64_t age_ms = 0;
    int failed = 0;
    PolicyInstant next;  // not before

    std::string key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(
    TaskDeliveryRecord, (), (account, region, id, what, request, at, retries, age_ms, failed, next)
)

// Outbox: a line on its way to a log group.
struct LogDeliveryRecord {
    static constexpr state::TableInfo kTable{"events.log_delivery", 1};

    std::string account;
    std::string region;
    std::string id;  // UUID
    std::string what;
    std::string group;
    std::string stream;
    std::string message;
    std::optional<std::int64_t> timestamp_ms;  // as an input transformer gave it; else when it is delivered
    PolicyInstant at;

    std::string key() const;
};
BOOST_DESCRIBE_STRUCT(
    LogDeliveryRecord, (), (account, region, id, what, group, stream, message, timestamp_ms, at)
)

}  // namespace gantry::events
