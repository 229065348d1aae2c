#pragma once

#include "operation/controller.h"

namespace gantry::elbv2 {

// Which worker carries a balancer. Keys are LoadBalancerRecord's.
//
//   nobody does yet                            → the connected worker with the fewest
//   its worker is away for kCarrierLostAfter   → another connected one, if there is one
//
// Its interfaces follow. A worker that comes back in time keeps what it has, and a new one takes nothing from
// others: a move breaks connections.
class CarrierController : public Controller {
  public:
    std::string_view name() const override { return "elbv2.carrier"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::elbv2
