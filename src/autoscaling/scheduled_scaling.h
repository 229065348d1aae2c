#pragma once

#include "operation/controller.h"

namespace gantry::autoscaling {

// Runs scheduled actions in policy time: at its time an action sets its target's limits, and the service is scaled
// into them at once. The actions of one target run in the order of their times. Its keys are those of targets.
//
// Of the runs that fell into a time in which Gantry did not run (or over which policy time jumped) each action
// makes up for its last one, in order: the limits are then those that they would be. AWS documents nothing of
// missed runs. What was due while scheduled scaling was suspended is not made up for.
class ScheduledScaling : public Controller {
  public:
    std::string_view name() const override { return "autoscaling.scheduled_scaling"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::autoscaling
