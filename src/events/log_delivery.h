#pragma once

#include "operation/data_context.h"
#include "port/log_sink.h"

namespace gantry::events {

// Writes what rules send to log groups, oldest first, until nothing is left; each line once. A line whose group
// does not exist is dropped, as EventBridge drops what its target refuses for good. Off the strand.
Awaitable<Result<void>> deliver_logs(DataContext& context, port::LogSink& sink);

}  // namespace gantry::events
