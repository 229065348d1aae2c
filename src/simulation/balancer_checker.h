#pragma once

#include <map>
#include <string>
#include <vector>

#include "ecs/task.h"
#include "elbv2/target.h"
#include "simulation/checker.h"
#include "state/database.h"

namespace gantry::simulation {

// What must hold of load balancers, whatever is lost, late or down:
//
// - a target that is called drained gets no new flow from the worker that said so, and has none;
// - a task that could be drained is told to stop only when all its targets are gone;
// - where a target was drained, its containers get their stop signal with no flow open and none to come from the
//   worker that carries the balancer. One that lost it to another while it was away is not asked: nothing leads there;
// - whatever became of the drain, the signal comes when the task's own worker sends nothing new to it.
class BalancerChecker {
  public:
    BalancerChecker(World& world, Checker& checker) : world_(world), checker_(checker) {}

    // To what becomes durable; to each loop before it starts.
    void subscribe(control::Loop& loop);
    // After every step.
    void look();
    // Where records and data plane differ when all is quiet.
    std::vector<std::string> unconverged() const;
    // Of load balancers when all of them are deleted.
    std::vector<std::string> leftovers() const;

  private:
    void durable_change(const state::View& view, const state::Change& change);
    void target_changed(const elbv2::TargetRecord* before, const elbv2::TargetRecord* after);
    void task_changed(
        const state::View& view, const ecs::TaskRecord* before, const ecs::TaskRecord& after
    );
    void check_quiet(const std::string& address, const std::string& when, const std::string& on_worker = {});

    World& world_;
    Checker& checker_;
    std::map<std::string, bool> drained_;       // by address: how its last target went
    std::map<std::string, std::size_t> signals_;  // by machine: how many were looked at
};

}  // namespace gantry::simulation
