#pragma once

#include "operation/data_context.h"

namespace gantry::cloudwatch {

// Off the strand: judges alarms on what the metric store has of the periods that have ended, and writes the
// states that change. One pass; safe at any time and again after a crash: an alarm is judged on what is there,
// whatever state it has, so a state set by hand lasts until then.
//
// quick: only those with periods below a minute, which are judged every ten seconds; the other ones are judged
// every minute. Says whether there are such alarms.
Awaitable<Result<bool>> evaluate_alarms(DataContext& context, bool quick);

// When that is to be done next, after `now`: somewhat later than a period's end, so that its data are there.
PolicyInstant next_evaluation(PolicyInstant now, bool quick);

}  // namespace gantry::cloudwatch
