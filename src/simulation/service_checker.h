#pragma once

#include "ecs/service.h"
#include "simulation/checker.h"
#include "state/database.h"

namespace gantry::simulation {

// What must hold of services at every change:
//
// - a task is started only while no more than maximumPercent are wanted with it;
// - the scheduler stops a task that serves only while minimumHealthyPercent serve without it;
// - a service has exactly one PRIMARY deployment, and that is the one that it names;
// - of a task set, the same with its share of the desired count and ECS's default percentages; at most one is
//   PRIMARY, the one that the service names.
class ServiceChecker {
  public:
    explicit ServiceChecker(Checker& checker) : checker_(checker) {}

    // After each change; `view` has all of its transaction.
    void changed(const state::View& view, const state::Change& change);

  private:
    void task_changed(const state::View& view, const ecs::TaskRecord* before, const ecs::TaskRecord& after);
    void check_share(
        const state::View& view,
        const ecs::ServiceRecord& service,
        const ecs::TaskRecord& task,
        bool made,
        int wanted,
        int serving
    );
    void check_primary(const state::View& view, const ecs::ServiceRecord& service);

    Checker& checker_;
};

}  // namespace gantry::simulation
