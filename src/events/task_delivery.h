#pragma once

#include "operation/controller.h"

namespace gantry::events {

// Starts the tasks that rules and schedules have ordered, in the transaction that takes the order away: each
// order once. What finds no room is tried again, later and later, as its retry policy says; what RunTask
// refuses is dropped, as EventBridge drops it.
class TaskDelivery : public Controller {
  public:
    std::string_view name() const override { return "events.task_delivery"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::events
