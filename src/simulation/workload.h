#pragma once

#include <memory>
#include <string>
#include <vector>

#include "simulation/checker.h"
#include "simulation/world.h"

namespace gantry::simulation {

// The clients of a world: they register definitions of every fate that a container can have, run and stop
// tasks, read, and remember what they were told.
class Workload {
  public:
    Workload(World& world, Checker& checker, std::uint64_t seed);

    // What the images of the definitions do, on every machine.
    void publish_images();
    // Asks until each definition is registered.
    void register_all();
    // Any one call.
    void act();
    void run(const std::string& family, int count, const std::string& token = "");
    void stop(const std::string& task);
    void describe(const std::vector<std::string>& tasks);
    // Stops every task that is not stopped.
    void stop_all();

    const std::vector<std::string>& families() const { return families_; }
    // Ids of tasks of which a client was told.
    const std::vector<std::string>& tasks() const { return tasks_; }

  private:
    World& world_;
    Checker& checker_;
    sim::SeededChance chance_;
    std::vector<std::string> families_;
    std::vector<std::string> tasks_;
    std::vector<std::string> tokens_;
    // Requests that fail must not outlive the clients.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gantry::simulation
