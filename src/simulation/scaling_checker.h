#pragma once

#include <map>
#include <set>
#include <string>

#include "autoscaling/activity.h"
#include "autoscaling/target.h"
#include "control/loop.h"
#include "simulation/checker.h"

namespace gantry::simulation {

// What must hold of scaling and schedules, of all that is durable:
//
// - what Application Auto Scaling sets is inside its target's limits;
// - an alarm scales nothing in inside a cool-down, and within a scale-out's adds no more to what was there before it than
//   the policy's largest step;
// - a schedule with a rate has run at each of its times and at no other, and has started one task each time;
// - an hourly scheduled action was carried out once in every hour.
class ScalingChecker {
  public:
    // Policies' cool-downs, all the same, and their largest step up.
    ScalingChecker(Checker& checker, Duration cooldown, int step_most)
        : checker_(checker), cooldown_(cooldown), step_most_(step_most) {}

    void subscribe(control::Loop& loop);
    // At the end, when no delivery is on its way any more: `period` of the schedule, `now` of policy.
    void end(Duration period, PolicyInstant now);

    std::size_t activities() const { return activities_.size(); }
    std::size_t runs() const { return runs_.size(); }
    std::size_t scaled_in() const { return scaled_in_; }

  private:
    struct Course {
        PolicyInstant out_until;
        PolicyInstant in_until;
        int out_base = 0;
    };

    void loaded(const state::View& view);
    void durable(const state::Schema& schema, const state::ChangeSet& changes);
    void note(const autoscaling::ActivityRecord& activity, int before);
    void note_scaling(const autoscaling::ActivityRecord& activity, int before, int count);

    Checker& checker_;
    Duration cooldown_;
    int step_most_;
    std::map<std::string, autoscaling::TargetRecord> targets_;  // by resource
    std::map<std::string, int> counts_;                         // by resource: what is desired
    std::map<std::string, Course> courses_;
    std::set<std::string> activities_;
    std::set<std::int64_t> hours_;
    std::set<std::int64_t> runs_;
    std::int64_t since_ = 0;
    std::set<std::string> tasks_;
    std::size_t scaled_in_ = 0;
};

}  // namespace gantry::simulation
