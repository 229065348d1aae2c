#include "elbv2/draining.h"

#include "elbv2/attributes.h"
#include "elbv2/usage.h"

namespace gantry::elbv2 {

std::optional<TargetRecord> begin_drain(
    const state::View& view, const state::Turn& turn, const TargetRecord& target
) {
    const auto group = view.get<TargetGroupRecord>(target.group);
    if (!group || !in_use(view, target)) return {};
    TargetRecord draining = target;
    if (draining.health == TargetHealth::draining) return draining;
    draining.health = TargetHealth::draining;
    draining.draining_since = turn.real_now;
    draining.draining_until = turn.real_now + deregistration_delay(*group);
    return draining;
}

}  // namespace gantry::elbv2
