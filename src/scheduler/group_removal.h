#pragma once

#include "operation/controller.h"

namespace gantry::scheduler {

// Erases the schedules of groups that are DELETING, in steps, and then the groups. Its keys are those of groups.
class GroupRemoval : public Controller {
  public:
    std::string_view name() const override { return "scheduler.group_removal"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::scheduler
