#pragma once

#include <map>
#include <string>
#include <vector>

#include "ecs/service_state.h"

namespace gantry::ecs::scheduler {

// How many tasks are where.
class Spread {
  public:
    Spread(const std::vector<std::string>& zones, const std::vector<Provider>& providers)
        : zones_(zones), providers_(providers) {
        for (const auto& zone : zones) in_zone_[zone];
    }

    void add(const std::string& zone, const std::string& provider) {
        ++in_zone_[zone];
        ++by_provider_[provider];
    }
    void remove(const std::string& zone) { --in_zone_[zone]; }

    // Where the next task goes: the emptiest of the service's zones; empty when it has none.
    std::string next_zone() const;
    // Bases first, then the one furthest behind its weight; empty without a strategy.
    std::string next_provider() const;
    int in_zone(const std::string& zone) const;
    // Between the fullest and the emptiest of the service's zones.
    int imbalance() const;
    // "3 tasks in ap-northeast-1a, 1 tasks in ap-northeast-1c"
    std::string words() const;

  private:
    const std::vector<std::string>& zones_;
    const std::vector<Provider>& providers_;
    std::map<std::string, int> in_zone_;
    std::map<std::string, int> by_provider_;
};

}  // namespace gantry::ecs::scheduler
