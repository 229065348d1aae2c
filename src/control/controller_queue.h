#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/instant.h"

namespace gantry::control {

// Which key of which controller (by its place in the registration order) to look at.
struct Look {
    std::size_t controller = 0;
    std::string key;
    friend auto operator<=>(const Look&, const Look&) = default;
};

// Keys to look at now, each once, first come first served; and keys to look at later, on both clocks. A key
// has at most one wake-up per clock: that of its latest plan.
class ControllerQueue {
  public:
    void push(Look look);
    std::optional<Look> pop();
    bool empty() const { return queue_.empty(); }
    std::size_t size() const { return queue_.size(); }

    void look_again(const Look& look, std::optional<PolicyInstant> policy, std::optional<RealInstant> real);
    // Moves what is due into the queue.
    void wake(PolicyInstant policy_now, RealInstant real_now);
    std::optional<PolicyInstant> next_policy() const;
    std::optional<RealInstant> next_real() const;
    std::size_t sleeping() const { return policy_.at.size() + real_.at.size(); }

    void clear();

  private:
    template <class At>
    struct Alarms {
        std::map<Look, At> at;
        std::set<std::pair<At, Look>> by_time;

        void set(const Look& look, std::optional<At> when) {
            if (const auto found = at.find(look); found != at.end()) {
                by_time.erase({found->second, look});
                at.erase(found);
            }
            if (!when) return;
            at.emplace(look, *when);
            by_time.emplace(*when, look);
        }
        std::optional<At> next() const {
            if (by_time.empty()) return std::nullopt;
            return by_time.begin()->first;
        }
    };

    std::deque<Look> queue_;
    std::set<Look> queued_;
    Alarms<PolicyInstant> policy_;
    Alarms<RealInstant> real_;
};

}  // namespace gantry::control
