#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ecs/cluster.h"

namespace gantry::ecs {

// "containerInsights" with "enabled", "disabled" or "enhanced".
Result<void> admit_settings(const std::vector<shapes::ecs::ClusterSetting>& settings);
// The settings of a cluster after an update: named ones replaced, others kept.
std::vector<shapes::ecs::ClusterSetting> merged_settings(
    std::vector<shapes::ecs::ClusterSetting> known, const std::vector<shapes::ecs::ClusterSetting>& update
);

// FARGATE and FARGATE_SPOT are built in; others cannot be made yet, so they are not found, in AWS's words.
inline constexpr const char* kBuiltInProviders[] = {"FARGATE", "FARGATE_SPOT"};
bool built_in_provider(std::string_view name);
Result<void> admit_providers(const std::vector<std::string>& providers);

// A strategy over providers that the cluster has, with weight and base filled in. At most 20 items, one with
// a base, at least one with a weight.
Result<std::vector<shapes::ecs::CapacityProviderStrategyItem>> admit_strategy(
    const std::vector<shapes::ecs::CapacityProviderStrategyItem>& strategy,
    const std::vector<std::string>& cluster_providers
);

}  // namespace gantry::ecs
