#pragma once

#include "operation/controller.h"

namespace gantry::ecs {

// Brings tasks to workers and ends those that no worker has. Keys are tasks' record keys.
//
//   wanted, no worker or interface yet   → a worker is picked, the interface made (or the task stopped: no
//   address) to be stopped, never placed          → STOPPED at once placed                               →
//   nothing: the worker is told by the spec and its reports move the status
//
// A task for which no worker has room is looked at again when a worker comes or gets room.
class TaskController : public Controller {
  public:
    std::string_view name() const override { return "ecs.task"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::ecs
