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
// Where sessions of ExecuteCommand are logged: named for OVERRIDE and for nothing else.
Result<void> admit_configuration(const std::optional<shapes::ecs::ClusterConfiguration>& configuration);

// FARGATE and FARGATE_SPOT are built in; others cannot be made yet, so they are not found, in AWS's words.
inline constexpr const char* kBuiltInProviders[] = {"FARGATE", "FARGATE_SPOT"};
bool built_in_provider(std::string_view name);
Result<void> admit_providers(const std::vector<std::string>& providers);

// A strategy over providers that the cluster has, with weight and base filled in. At most 20 items, one with
// a base. A cluster may keep one without any weight; what runs by it needs usable_strategy() too.
Result<std::vector<shapes::ecs::CapacityProviderStrategyItem>> admit_strategy(
    const std::vector<shapes::ecs::CapacityProviderStrategyItem>& strategy,
    const std::vector<std::string>& cluster_providers
);
// The strategy by which a request runs tasks: its own where it names one, else the cluster's default. Refuses one in
// which no provider has a weight.
Result<std::vector<shapes::ecs::CapacityProviderStrategyItem>> usable_strategy(
    const ClusterRecord& cluster,
    const std::optional<std::vector<shapes::ecs::CapacityProviderStrategyItem>>& own
);

}  // namespace gantry::ecs
