#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace gantry::simulation {

struct Outcome {
    std::uint64_t seed = 0;
    // Over all that happened, and over the records at the end.
    std::uint64_t digest = 0;
    // What the control plane's chance would have drawn next: differs after any hidden difference.
    std::uint64_t last_draw = 0;
    std::vector<std::string> violations;
    std::vector<std::string> events;
    std::size_t tasks = 0;
    std::size_t crashes = 0;
    std::size_t commits = 0;
    std::set<std::string> kinds;  // of durable changes: Checker::kinds()

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

// One life of an installation, drawn from the seed: how many workers, which faults and how often, what
// clients ask. First safety: everything may go wrong at any time. Then liveness: nothing does any more,
// minutes pass, and everything must come to be as it is wanted; then all is stopped and nothing may be left.
// losses: machines are also rebooted and lose their disks.
Outcome simulate(std::uint64_t seed, bool losses = false);

// A task's life in a world without other faults, with the control plane dying right after its n-th commit
// (counted from RunTask), before anybody learns of it. The outcome's commits say how many there were.
Outcome simulate_crash_after_commit(const std::string& family, std::size_t commit);

// The same in a longer story: a request with a token, a worker that stays away until it counts as lost and comes
// back, and all that is forgotten an hour after a task has stopped.
Outcome simulate_crash_in_a_long_story(std::size_t commit);

// When the program aborts during a simulation, it says how to see that again.
void announce_aborts();

}  // namespace gantry::simulation
