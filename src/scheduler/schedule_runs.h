#pragma once

#include "operation/controller.h"

namespace gantry::scheduler {

// Calls the targets of schedules when their times come, in policy time; with a flexible window at some moment of it. One
// schedule, one key.
//
// Of the runs that fell into a time in which Gantry did not run (or over which policy time jumped) the last one is made up
// for, if it is not older than the target's retry policy takes: the service promises to call at least once, and drops
// what is older than MaximumEventAgeInSeconds. A schedule that has completed is erased if it says so.
class ScheduleRuns : public Controller {
  public:
    std::string_view name() const override { return "scheduler.schedule"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::scheduler
