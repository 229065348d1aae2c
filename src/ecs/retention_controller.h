#pragma once

#include "operation/controller.h"

namespace gantry::ecs {

// Removes what has been shown long enough, by policy time: stopped tasks, INACTIVE clusters and services with
// what belonged to them, deleted task definitions that nothing refers to, client tokens, events that nobody
// took. One key for each kind; each looks only at its oldest records and says when the next is due.
class RetentionController : public Controller {
  public:
    std::string_view name() const override { return "ecs.retention"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::ecs
