#pragma once

#include "operation/data_context.h"

namespace gantry::logs {

// Off the strand: removes from the store what was deleted (LogRemovalRecord) and what is past its group's
// retention. One pass; safe at any time and again after a crash. To be run when a LogRemovalRecord appears,
// and every hour of policy time.
Awaitable<Result<void>> sweep(DataContext& context);

}  // namespace gantry::logs
