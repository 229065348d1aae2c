#pragma once

#include "operation/controller.h"

namespace gantry::autoscaling {

// Step scaling and target tracking: an alarm's action on a policy moves the service's desired count, when the
// alarm changes its state and again every minute while the state lasts, as documented. Of several the largest
// capacity wins; target tracking scales in only when all its policies agree. Its keys are those of targets.
// While a deployment of the service is in progress nothing is scaled in, as ECS documents.
class ScalingController : public Controller {
  public:
    std::string_view name() const override { return "autoscaling.scaling"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::autoscaling
