#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"

namespace gantry::codedeploy {

enum class EventStatus { Pending, InProgress, Succeeded, Failed, Skipped };
BOOST_DESCRIBE_ENUM(EventStatus, Pending, InProgress, Succeeded, Failed, Skipped)

// One of a deployment's lifecycle events, as GetDeploymentTarget tells of it.
struct LifecycleEvent {
    std::string name;  // "BeforeInstall"
    EventStatus status = EventStatus::Pending;
    std::optional<PolicyInstant> started_at, ended_at;
    // Of a hook that failed: "ScriptFailed", "ScriptTimedOut", "ScriptMissing".
    std::string error_code;
    std::string message;
    // What runs at it; empty: nothing.
    std::string hook;
    std::string execution;  // the hook execution's id, once it runs
    std::string task;       // the record key of the hook's task

    bool ended() const { return status != EventStatus::Pending && status != EventStatus::InProgress; }
    friend bool operator==(const LifecycleEvent&, const LifecycleEvent&) = default;
};
BOOST_DESCRIBE_STRUCT(
    LifecycleEvent, (), (name, status, started_at, ended_at, error_code, message, hook, execution, task)
)

// CodeDeploy gives a hook an hour.
inline constexpr Duration kHookTimeOut = std::chrono::hours(1);

}  // namespace gantry::codedeploy
