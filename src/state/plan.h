#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "state/schema.h"

namespace gantry::state {

// One write of a plan, and why. A null record erases the key.
struct Action {
    const void* table_tag = nullptr;
    std::string key;
    Erased record;
    std::string reason;
};

// What a controller decided, as data. On a converged state there are no actions.
class Plan {
  public:
    template <Record R>
    void put(R record, std::string reason) {
        std::string key = record.key();
        actions_.push_back(
            {&type_tag<R>, std::move(key), std::make_shared<const R>(std::move(record)), std::move(reason)}
        );
    }
    template <Record R>
    void erase(std::string key, std::string reason) {
        actions_.push_back({&type_tag<R>, std::move(key), nullptr, std::move(reason)});
    }

    // The earliest of all calls counts.
    void look_again(PolicyInstant at) {
        if (!policy_again_ || at < *policy_again_) policy_again_ = at;
    }
    void look_again(RealInstant at) {
        if (!real_again_ || at < *real_again_) real_again_ = at;
    }

    const std::vector<Action>& actions() const { return actions_; }
    std::optional<PolicyInstant> policy_again() const { return policy_again_; }
    std::optional<RealInstant> real_again() const { return real_again_; }

  private:
    std::vector<Action> actions_;
    std::optional<PolicyInstant> policy_again_;
    std::optional<RealInstant> real_again_;
};

}  // namespace gantry::state
