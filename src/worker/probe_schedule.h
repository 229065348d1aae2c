#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "link/balancer_objects.h"
#include "link/observed_target.h"
#include "port/clock.h"
#include "port/prober.h"

namespace gantry::worker {

// One registration of a target in a group.
struct TargetKey {
    std::string group;
    std::string registration;
    friend auto operator<=>(const TargetKey&, const TargetKey&) = default;
};

// Which target is to be probed when, and what its probes have shown so far. Pure bookkeeping; nothing in it
// grows with the number of targets but what is kept per target.
//
// A new registration is probed at once, many new ones a little apart (`apart`); then each at its interval,
// counted from one start to the next. Not probed: draining targets, groups nobody forwards to or without an
// address to probe from, groups whose check is off.
class ProbeSchedule {
  public:
    struct Due {
        TargetKey key;
        port::Probe probe;
    };

    // Exactly these targets; `used`: groups that some balancer forwards to. Known registrations keep their
    // streak and their turn; where the check changed they are probed at once.
    void set(
        const std::map<std::string, link::TargetGroup>& groups,
        const std::set<std::string>& used,
        port::SteadyInstant now
    );

    // Takes what is due, at most `max`; each then counts as under way until finished() is told.
    std::vector<Due> take(port::SteadyInstant now, std::size_t max);
    std::optional<port::SteadyInstant> next() const;

    // What is to be reported now of that target; nothing when it is gone, was registered anew or its check
    // changed meanwhile, when the probe says nothing, or when nothing changed.
    std::optional<link::ObservedTarget> finished(
        const Due& probed, const port::Probed& outcome, port::SteadyInstant now
    );

    // What was last reported of it.
    link::ObservedTarget observed(const TargetKey& key) const;
    std::size_t size() const { return targets_.size(); }

    static constexpr Duration apart{2};
    // After a probe that could not be made.
    static constexpr Duration again_after{1'000};

  private:
    struct Check {
        port::Probe probe;
        std::string matcher;
        Duration interval{0};
        int streak_max = 0;
        friend bool operator==(const Check&, const Check&) = default;
    };
    struct Target {
        Check check;
        port::SteadyInstant due;
        bool under_way = false;
        link::ObservedTarget observed;
    };
    static Check check_of(const link::TargetGroup& group, const link::BalancerTarget& target);
    void plan(const TargetKey& key, Target& target, port::SteadyInstant at);

    std::map<TargetKey, Target> targets_;
    std::set<std::pair<port::SteadyInstant, TargetKey>> queue_;
};

// Whether an HTTP status is what a matcher ("200", "200,302", "200-299") wants.
bool matches_status(const std::string& matcher, int status);

}  // namespace gantry::worker
