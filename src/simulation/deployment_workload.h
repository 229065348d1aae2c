#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "codedeploy/deployment.h"
#include "simulation/checker.h"
#include "simulation/world.h"

namespace gantry::simulation {

// A service under CodeDeploy behind a network load balancer of two groups and two listeners, the second of which is for
// tests; clients that deploy definitions of every fate, stop and continue deployments and scale the service.
class DeploymentWorkload {
  public:
    // `groups`: ARNs of the two target groups of BalancerWorkload. `families` as for ServiceWorkload.
    DeploymentWorkload(
        World& world,
        Checker& checker,
        std::uint64_t seed,
        std::vector<std::string> groups,
        std::vector<std::string> families
    );

    // Asks until all of it is there.
    void make();
    // Any one call.
    void act();
    // `hook`: the family that runs before the traffic moves; empty: none.
    void deploy(const std::string& family, const std::string& hook = "");
    void stop(bool roll_back);
    // Both waits.
    void go_on();
    // Deploys what works unless that is under way or done; asked again until it has been heard.
    void mend();
    // Asks once more to delete what is there still.
    void remove();

    // Null: none was made.
    state::Pinned<codedeploy::DeploymentRecord> newest() const;
    // The one that has not ended, or null.
    state::Pinned<codedeploy::DeploymentRecord> under_way() const;
    std::string production_listener() const { return listener(kProductionPort); }
    // What keeps the service from being one task set of what works, with all the traffic.
    std::vector<std::string> unconverged() const;
    // In every data plane that carries it, production has somewhere to go, and all of that is alive.
    void check_served();

    static constexpr int kProductionPort = 8081;
    static constexpr int kTestPort = 8082;

  private:
    void until(const std::string& what, const std::function<bool()>& there, const std::function<void()>& ask);
    std::string listener(int port) const;  // ARN
    std::string subnets() const;
    int below(int end) { return static_cast<int>(chance_.draw() % static_cast<std::uint64_t>(end)); }

    World& world_;
    Checker& checker_;
    sim::SeededChance chance_;
    std::vector<std::string> groups_;
    std::vector<std::string> families_;
};

}  // namespace gantry::simulation
