#pragma once

#include <string_view>

#include "autoscaling/policy.h"
#include "operation/controller.h"

namespace gantry::autoscaling {

// Erases policies with their own alarms, and scheduled actions, that belong to no registration of this target
// (any more): as many as fit beside a little else into a transaction.
state::Plan plan_removal(const state::View& view, std::string_view target_key, const state::Turn& turn);

// The policy and the alarms that are its own.
void remove_policy(
    const state::View& view, const PolicyRecord& policy, const state::Turn& turn, state::Plan& plan
);

// Works off what DeregisterScalableTarget left over. Its keys are those of targets.
class RemovalController : public Controller {
  public:
    std::string_view name() const override { return "autoscaling.removal"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::autoscaling
