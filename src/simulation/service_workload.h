#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ecs/service.h"
#include "simulation/checker.h"
#include "simulation/world.h"

namespace gantry::simulation {

// Clients that create, scale, update and delete services of definitions of every fate, with deployments and with
// task sets.
class ServiceWorkload {
  public:
    // `families` are registered definitions, of which those called "web", "checked" and "pair" run for ever.
    ServiceWorkload(World& world, Checker& checker, std::uint64_t seed, std::vector<std::string> families);

    // Of new services some stand behind one of these target groups.
    void stand_behind(std::vector<std::string> group_arns) { groups_ = std::move(group_arns); }

    // Any one call.
    void act();
    // Brings every service to a definition that works, and asks again until each has heard it: then it must
    // converge.
    void mend();
    // Deletes every service; asked again until each has heard it.
    void remove_all();
    // What keeps services from being as they are wanted; empty when they have converged.
    std::vector<std::string> unconverged() const;

  private:
    void create();
    void create_external();
    // Task sets of an EXTERNAL service: another one, another share, another PRIMARY, one less.
    void act_on_task_sets(const ecs::ServiceRecord& service);
    void create_task_set(const std::string& service, const std::string& family, int percent);
    void scale_task_set(const std::string& service, const std::string& set, int percent);
    void promote_task_set(const std::string& service, const std::string& set);
    void delete_task_set(const std::string& service, const std::string& set);
    void mend_task_sets(const ecs::ServiceRecord& service);
    void why_task_sets_unconverged(const ecs::ServiceRecord& service, std::vector<std::string>& why) const;
    void update(const std::string& name, const std::string& members);
    void remove(const std::string& name);
    std::string subnets() const;
    std::string any_family();
    std::string configuration();
    std::string load_balancers();
    int below(int end) { return static_cast<int>(chance_.draw() % static_cast<std::uint64_t>(end)); }
    std::vector<std::string> active() const;

    World& world_;
    Checker& checker_;
    sim::SeededChance chance_;
    std::vector<std::string> families_;
    std::vector<std::string> groups_;
    int made_ = 0;
    // Requests that fail must not outlive the clients.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gantry::simulation
