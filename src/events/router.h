#pragma once

#include "operation/controller.h"

namespace gantry::events {

// Takes an event past the rules of its bus: a delivery for each target of those that match. One event, one
// key; an event of many targets takes several steps.
class Router : public Controller {
  public:
    std::string_view name() const override { return "events.router"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::events
