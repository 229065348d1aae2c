#include "ecs/service_spread.h"

#include <algorithm>
#include <cstdint>

namespace gantry::ecs::scheduler {

std::string Spread::next_zone() const {
    std::string best;
    for (const auto& zone : zones_)
        if (best.empty() || in_zone(zone) < in_zone(best)) best = zone;
    return best;
}

std::string Spread::next_provider() const {
    const auto count = [&](const Provider& provider) {
        const auto found = by_provider_.find(provider.name);
        return found == by_provider_.end() ? 0 : found->second;
    };
    const Provider* best = nullptr;
    for (const auto& provider : providers_) {
        if (count(provider) < provider.base) return provider.name;
        if (provider.weight <= 0) continue;
        // What the base took does not count against the weight: smallest (given + 1) / weight.
        const auto given = [&](const Provider& of) { return std::int64_t{count(of) - of.base + 1}; };
        if (best == nullptr || given(provider) * best->weight < given(*best) * provider.weight)
            best = &provider;
    }
    if (best != nullptr) return best->name;
    return providers_.empty() ? "" : providers_.front().name;
}

int Spread::in_zone(const std::string& zone) const {
    const auto found = in_zone_.find(zone);
    return found == in_zone_.end() ? 0 : found->second;
}

int Spread::imbalance() const {
    if (zones_.size() < 2) return 0;
    int least = in_zone(zones_.front());
    int most = least;
    for (const auto& zone : zones_) {
        least = std::min(least, in_zone(zone));
        most = std::max(most, in_zone(zone));
    }
    return most - least;
}

std::string Spread::words() const {
    std::string text;
    for (std::size_t i = 0; i < zones_.size(); ++i) {
        if (i > 0) text += ", ";
        text += std::to_string(in_zone(zones_[i])) + " tasks in " + zones_[i];
    }
    return text;
}

}  // namespace gantry::ecs::scheduler
