#pragma once

#include <optional>
#include <string>

#include "state/view.h"
#include "sts/session.h"

namespace gantry::sts {

// Credentials of a role for a task, as ECS hands them out: the session's name is the task's id, so
// GetCallerIdentity inside the task answers assumed-role/ROLE/TASK-ID. They last six hours; the SDKs ask
// again when they near their end. Absent when the role does not exist (any more). The caller puts the record;
// `owner` is the task's record key.
inline constexpr Duration kTaskCredentialsLast{6 * 3'600'000};

std::optional<SessionRecord> task_session(
    const state::View& view,
    const state::Turn& turn,
    const std::string& role_arn,
    const std::string& task_id,
    const std::string& owner
);

}  // namespace gantry::sts
