#pragma once

#include "operation/controller.h"

namespace gantry::ecs {

// ECS's service scheduler. Keys are services' record keys.
//
// Each look does one step: first tasks into and out of load balancers (service_targets.h), then what the
// planner says (service_plan.h). A step is one transaction; what does not fit follows, because the step's own
// writes are changes too. However many reports come in, a service is looked at once a turn.
class ServiceController : public Controller {
  public:
    std::string_view name() const override { return "ecs.service"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::ecs
