#pragma once

#include <optional>

#include "elbv2/target.h"
#include "state/turn.h"
#include "state/view.h"

namespace gantry::elbv2 {

// The target as it is from its deregistration on: no new flow, open ones may go on for the group's
// deregistration delay, counted in real time from the first call. Absent: nobody sends it anything (its group
// has no listener), so it goes at once.
std::optional<TargetRecord> begin_drain(
    const state::View& view, const state::Turn& turn, const TargetRecord& target
);

}  // namespace gantry::elbv2
