#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ecs/task.h"
#include "simulation/world.h"

namespace gantry::simulation {

// Watches a world and notes what must not be. It sees every durable change, every reload, every state that
// the strand rests in, and what really runs on the machines:
//
// - statuses never go backwards; what was durable is there after every crash;
// - the observed half of a task changes by a worker's report only, the rest by everything else only;
// - no address belongs to two tasks, in the records or on the machines; a STOPPED task has no interface;
// - workers' promises are the sums of their tasks, counted anew;
// - no container's command is started twice; none runs on when its interface goes, or on two machines;
// - what a client was told is true.
class Checker {
  public:
    // Before world.start().
    explicit Checker(World& world);

    // After every step: subscribed by itself, called again by hand.
    void look();
    // What keeps the world from being as everybody wants it; empty when it has converged.
    std::vector<std::string> unconverged() const;
    // Nothing of any task is left: neither interfaces nor containers nor promises.
    std::vector<std::string> leftovers() const;

    // A machine was rebooted or has lost its disk, and its worker is down.
    void lost_something(Machine& machine);
    void violation(const std::string& what);
    void event(const std::string& what);
    // A client was told of it, so it must be durable.
    void told_of(const std::string& id, const std::string& status);
    // The next load must bring exactly this state.
    void expect_on_load(std::uint64_t digest) { expected_digest_ = digest; }

    const std::vector<std::string>& violations() const { return violations_; }
    const std::vector<std::string>& events() const { return events_; }
    // Over all events.
    std::uint64_t digest() const { return digest_; }
    // What durable changes there were: "ecs.task RUNNING", "ec2.eni +" (made), "~" (changed), "-" (erased).
    const std::set<std::string>& kinds() const { return kinds_; }
    void note_kinds_anew() { kinds_.clear(); }
    std::size_t tasks_seen() const { return durable_.size(); }
    // The newest durable status, by task id.
    const std::map<std::string, link::TaskStatus>& durable() const { return durable_; }

  private:
    void subscribe(control::Loop& loop);
    void durable_change(const ecs::TaskRecord* before, const ecs::TaskRecord* after);
    void note_started(const ecs::TaskRecord& task);
    void check_writer(const ecs::TaskRecord& before, const ecs::TaskRecord& after);
    void loaded(const state::View& view);
    void check_records(const state::View& view);
    void check_machines();

    World& world_;
    bool changed_ = true;
    std::optional<std::uint64_t> expected_digest_;
    std::map<std::string, link::TaskStatus> durable_;
    std::set<std::string> started_;  // containers that were durably reported to have started
    std::set<std::string> kinds_;
    std::vector<std::string> violations_;
    std::vector<std::string> events_;
    std::uint64_t digest_ = 0xcbf29ce484222325ULL;
};

}  // namespace gantry::simulation
