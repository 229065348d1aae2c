#pragma once

#include "operation/controller.h"

namespace gantry::ecs {

// What a worker's silence means for its tasks. Keys are workers' ids.
//
//   away for kDisconnectedAfter → its tasks show connectivity DISCONNECTED
//   away for kWorkerLostAfter   → they are to be stopped ("Host EC2 (instance ID) terminated.", as ECS says
//   of a dead
//                                 host) and no longer count as running. They are STOPPED, and their addresses
//                                 free, only when the worker comes back and says so: its containers may well
//                                 run on.
//   back                        → CONNECTED
class WorkerController : public Controller {
  public:
    std::string_view name() const override { return "ecs.worker"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::ecs
