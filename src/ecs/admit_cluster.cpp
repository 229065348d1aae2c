#include "ecs/admit_cluster.h"

#include <algorithm>
#include <set>

namespace gantry::ecs {

using namespace shapes::ecs;

namespace {
constexpr const char* kInvalid = "InvalidParameterException";
}

Result<void> admit_settings(const std::vector<ClusterSetting>& settings) {
    for (const auto& setting : settings) {
        if (setting.name != "containerInsights")
            return refuse(kInvalid, "Invalid cluster setting name: " + setting.name.value_or("") + ".");
        const std::string value = setting.value.value_or("");
        if (value != "enabled" && value != "disabled" && value != "enhanced")
            return refuse(kInvalid, "Invalid cluster setting value: " + value + ".");
    }
    return {};
}

std::vector<ClusterSetting> merged_settings(
    std::vector<ClusterSetting> known, const std::vector<ClusterSetting>& update
) {
    for (const auto& setting : update) {
        const auto same = [&](const ClusterSetting& other) { return other.name == setting.name; };
        const auto found = std::find_if(known.begin(), known.end(), same);
        if (found == known.end()) {
            known.push_back(setting);
        } else {
            *found = setting;
        }
    }
    return known;
}

Result<void> admit_configuration(const std::optional<ClusterConfiguration>& configuration) {
    if (!configuration || !configuration->execute_command_configuration) return {};
    const auto& exec = *configuration->execute_command_configuration;
    const bool overrides = exec.logging == "OVERRIDE";
    if (overrides && !exec.log_configuration)
        return refuse(kInvalid, "A logConfiguration must be specified when logging is OVERRIDE.");
    if (!overrides && exec.log_configuration)
        return refuse(kInvalid, "A logConfiguration can only be specified when logging is OVERRIDE.");
    return {};
}

bool built_in_provider(std::string_view name) {
    return std::find(std::begin(kBuiltInProviders), std::end(kBuiltInProviders), name) !=
           std::end(kBuiltInProviders);
}

Result<void> admit_providers(const std::vector<std::string>& providers) {
    std::set<std::string> seen;
    for (const auto& name : providers) {
        if (!built_in_provider(name)) {
            return refuse(
                kInvalid, "The specified capacity provider '" + name +
                              "' was not found. Specify a valid name or ARN and try again."
            );
        }
        if (!seen.insert(name).second)
            return refuse(
                kInvalid, "The specified capacity providers contain '" + name + "' more than once."
            );
    }
    return {};
}

Result<std::vector<CapacityProviderStrategyItem>> admit_strategy(
    const std::vector<CapacityProviderStrategyItem>& strategy,
    const std::vector<std::string>& cluster_providers
) {
    if (strategy.size() > 20)
        return refuse(
            kInvalid,
            "The specified capacity provider strategy cannot contain more than 20 capacity providers."
        );
    auto admitted = strategy;
    int bases = 0;
    std::set<std::string> seen;
    for (auto& item : admitted) {
        TRY_VOID(admit_providers({item.capacity_provider}));
        const auto& known = cluster_providers;
        if (std::find(known.begin(), known.end(), item.capacity_provider) == known.end()) {
            return refuse(
                kInvalid,
                "The specified capacity provider strategy cannot contain a capacity provider that is not "
                "associated "
                "with the cluster. Associate the capacity provider with the cluster and try again."
            );
        }
        if (!seen.insert(item.capacity_provider).second) {
            return refuse(
                kInvalid,
                "The specified capacity provider strategy cannot contain the same capacity provider more "
                "than once."
            );
        }
        if (!item.weight) item.weight = 0;
        if (!item.base) item.base = 0;
        if (*item.weight < 0 || *item.weight > 1000)
            return refuse(kInvalid, "The weight of a capacity provider must be between 0 and 1000.");
        if (*item.base < 0 || *item.base > 100000)
            return refuse(kInvalid, "The base of a capacity provider must be between 0 and 100000.");
        bases += *item.base > 0;
    }
    if (bases > 1) {
        return refuse(
            kInvalid,
            "The specified capacity provider strategy can contain only one capacity provider with a base "
            "greater than 0."
        );
    }
    return admitted;
}

Result<std::vector<CapacityProviderStrategyItem>> usable_strategy(
    const ClusterRecord& cluster, const std::optional<std::vector<CapacityProviderStrategyItem>>& own
) {
    const bool named = own && !own->empty();
    auto strategy = cluster.default_strategy;
    if (named) {
        TRY(strategy, admit_strategy(*own, cluster.capacity_providers));
    }
    const auto weighty = [](const auto& item) { return item.weight.value_or(0) > 0; };
    if (std::any_of(strategy.begin(), strategy.end(), weighty)) return strategy;
    if (named) {
        return refuse(
            kInvalid,
            "The specified capacity provider strategy must contain at least one capacity provider with a "
            "weight greater than 0."
        );
    }
    return refuse(
        kInvalid,
        "There are no capacity providers with a weight value greater than zero defined in the default capacity "
        "provider strategy. At least one capacity provider must have a weight value greater than zero specified. "
        "Update the cluster's default capacity provider strategy or specify a valid capacity provider strategy and "
        "try again."
    );
}

}  // namespace gantry::ecs
