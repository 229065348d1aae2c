#pragma once

#include <string_view>

#include "link/message.h"
#include "state/txn.h"

namespace gantry::ecs {

// What became of a report. Each is acknowledged; `unknown` also means that the worker may drop the task.
enum class Reported { applied, stale, unknown };

// Takes what a worker saw into the task's record: statuses never go backwards, an older report than the
// newest changes nothing. When the worker says that the task's network is gone the task ends and its
// interface is released.
Reported apply_task_report(state::Txn& txn, std::string_view worker, const link::TaskReport& report);

}  // namespace gantry::ecs
