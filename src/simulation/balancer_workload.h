#pragma once

#include <string>
#include <vector>

#include "simulation/checker.h"
#include "simulation/world.h"

namespace gantry::simulation {

// A network load balancer with two target groups; clients whose flows begin, last and end; targets that hang for
// a while.
class BalancerWorkload {
  public:
    BalancerWorkload(World& world, Checker& checker, std::uint64_t seed);

    // Asks until all of it is there.
    void make();
    const std::vector<std::string>& groups() const { return groups_; }  // ARNs

    // A flow begins or ends, a target begins or ceases to hang.
    void act();
    // Flows to processes that have ended end, as their kernel sees to.
    void bury();
    // No target hangs, no flow is left.
    void mend();
    // Asks once more to delete what is there still; false: nothing is.
    bool remove();

  private:
    struct Flow {
        std::size_t machine;
        std::string end;  // "ADDRESS:80/tcp"
    };
    template <class Response, class Request>
    std::string ask_until_told(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&),
        const std::string& json,
        std::string (*arn)(const Response&)
    );
    void begin_flow();
    void end_flow();
    void hang_or_recover();
    std::vector<Flow> flows() const;
    std::vector<std::string> targets_of(const Machine& machine) const;
    int below(int end) { return static_cast<int>(chance_.draw() % static_cast<std::uint64_t>(end)); }

    World& world_;
    Checker& checker_;
    sim::SeededChance chance_;
    std::string balancer_;
    std::vector<std::string> groups_;
};

}  // namespace gantry::simulation
