#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "ecs/scope.h"
#include "shapes/record_codec.h"
#include "ecs/tag.h"
#include "operation/caller.h"
#include "state/txn.h"

namespace gantry::ecs {

// A cluster. One deleted stays as INACTIVE for a while, as on AWS, and comes back to life under the same ARN
// when it is created again.
struct ClusterRecord {
    static constexpr state::TableInfo kTable{"ecs.cluster", 1};

    std::string scope;
    std::string name;
    std::string status = "ACTIVE";  // or INACTIVE
    PolicyInstant created_at;
    std::optional<PolicyInstant> deleted_at;  // INACTIVE only
    std::vector<shapes::ecs::ClusterSetting> settings;
    std::optional<shapes::ecs::ClusterConfiguration> configuration;
    std::vector<std::string> capacity_providers;
    std::vector<shapes::ecs::CapacityProviderStrategyItem> default_strategy;
    std::optional<std::string> service_connect_namespace;
    Tags tags;

    std::string key() const { return scope + name; }
    bool active() const { return status == "ACTIVE"; }
};
BOOST_DESCRIBE_STRUCT(
    ClusterRecord,
    (),
    (scope,
     name,
     status,
     created_at,
     deleted_at,
     settings,
     configuration,
     capacity_providers,
     default_strategy,
     service_connect_namespace,
     tags)
)

// By scope and status.
struct ClustersByStatus {
    using Record = ClusterRecord;
    static std::string key(std::string_view scope, std::string_view status) {
        return std::string(scope) + std::string(status);
    }
    static void keys(const ClusterRecord& cluster, std::vector<std::string>& out) {
        out.push_back(key(cluster.scope, cluster.status));
    }
};

// INACTIVE clusters in the order in which they were deleted.
struct ClustersDeleted {
    using Record = ClusterRecord;
    static void keys(const ClusterRecord& cluster, std::vector<std::string>& out) {
        if (cluster.deleted_at) out.push_back(padded(cluster.deleted_at->ms, 15));
    }
};

// How long AWS lets deleted clusters be seen is not documented; an hour is what its services do.
inline constexpr Duration kInactiveKept = std::chrono::hours(1);

// The cluster's name in a request: a short name or ARN, "default" when absent. An ARN of another region or
// account is refused as ECS does.
Result<std::string> cluster_name(const std::optional<std::string>& given, const Caller& caller);

// ClusterNotFoundException when it is missing or INACTIVE.
Result<state::Pinned<ClusterRecord>> find_cluster(
    const state::View& view, const std::optional<std::string>& given, const Caller& caller
);

// What DescribeClusters' `include` asks for.
struct ClusterFields {
    bool attachments = false;
    bool configurations = false;
    bool settings = false;
    bool statistics = false;
    bool tags = false;
};

shapes::ecs::Cluster cluster_shape(
    const state::View& view, const ClusterRecord& cluster, const ClusterFields& fields
);

}  // namespace gantry::ecs
