#pragma once

#include <compare>
#include <string>
#include <utility>
#include <vector>

namespace gantry::metric {

using Dimensions = std::vector<std::pair<std::string, std::string>>;

// One metric. Dimensions are sorted by name, so that their order makes no difference.
struct Name {
    std::string account;
    std::string region;
    std::string space;  // the namespace: "AWS/ECS"
    std::string name;
    Dimensions dimensions;

    friend auto operator<=>(const Name&, const Name&) = default;
};

}  // namespace gantry::metric
