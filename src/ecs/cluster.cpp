#include "ecs/cluster.h"

#include "ecs/arn.h"
#include "ecs/scope.h"
#include "ecs/service.h"
#include "ecs/task_indexes.h"

namespace gantry::ecs {

using namespace shapes::ecs;

Result<std::string> cluster_name(const std::optional<std::string>& given, const Caller& caller) {
    if (!given || given->empty()) return std::string("default");
    if (!given->starts_with("arn:")) {
        if (!is_name(*given)) return refuse("InvalidParameterException", "Invalid identifier: " + *given);
        return *given;
    }
    const auto arn = parse_arn(*given);
    if (!arn || !arn->resource.starts_with("cluster/") || !is_name(arn->resource.substr(8)))
        return refuse("InvalidParameterException", "Invalid identifier: " + *given);
    if (arn->account != caller.account || arn->region != caller.region) {
        return refuse(
            "InvalidParameterException", "Identifier is for " + std::string(arn->account) + "/" +
                                             std::string(arn->region) + ". Your accountId is " +
                                             caller.account + " and your region is " + caller.region + "."
        );
    }
    return std::string(arn->resource.substr(8));
}

Result<state::Pinned<ClusterRecord>> find_cluster(
    const state::View& view, const std::optional<std::string>& given, const Caller& caller
) {
    TRY(const auto name, cluster_name(given, caller));
    auto cluster = view.get<ClusterRecord>(caller.scope() + name);
    if (!cluster) return refuse("ClusterNotFoundException", "Cluster not found.");
    if (!cluster->active()) return refuse("ClusterNotFoundException", "The referenced cluster was inactive.");
    return cluster;
}

namespace {

struct Counts {
    std::size_t running = 0;
    std::size_t pending = 0;
    std::size_t active_services = 0;
    std::size_t draining_services = 0;
};

std::vector<KeyValuePair> statistics(const Counts& counts) {
    const auto entry = [](const char* name, std::size_t value) {
        KeyValuePair pair;
        pair.name = name;
        pair.value = std::to_string(value);
        return pair;
    };
    // Container instances do not exist here, so what they would run is none.
    return {
        entry("runningEC2TasksCount", 0),
        entry("runningFargateTasksCount", counts.running),
        entry("runningExternalTasksCount", 0),
        entry("pendingEC2TasksCount", 0),
        entry("pendingFargateTasksCount", counts.pending),
        entry("pendingExternalTasksCount", 0),
        entry("activeEC2ServiceCount", 0),
        entry("activeFargateServiceCount", counts.active_services),
        entry("activeExternalServiceCount", 0),
        entry("drainingEC2ServiceCount", 0),
        entry("drainingFargateServiceCount", counts.draining_services),
        entry("drainingExternalServiceCount", 0),
    };
}

}  // namespace

Cluster cluster_shape(const state::View& view, const ClusterRecord& cluster, const ClusterFields& fields) {
    const auto tasks = [&](const char* what) {
        return view.count<TasksCounted>(TasksCounted::key(cluster.scope, cluster.name, what));
    };
    const auto services = [&](ServiceStatus status) {
        return view.count<ServicesByCluster>(ServicesByCluster::key(cluster.scope, cluster.name, status));
    };
    const Counts counts{
        tasks("running"), tasks("pending"), services(ServiceStatus::ACTIVE), services(ServiceStatus::DRAINING)
    };
    Cluster shape;
    shape.cluster_arn = cluster_arn(cluster.scope, cluster.name);
    shape.cluster_name = cluster.name;
    shape.status = cluster.status;
    shape.registered_container_instances_count = 0;
    shape.running_tasks_count = static_cast<std::int32_t>(counts.running);
    shape.pending_tasks_count = static_cast<std::int32_t>(counts.pending);
    shape.active_services_count = static_cast<std::int32_t>(counts.active_services);
    shape.statistics = fields.statistics ? statistics(counts) : std::vector<KeyValuePair>();
    shape.tags = fields.tags ? tag_shapes(cluster.tags) : std::vector<Tag>();
    shape.settings = fields.settings ? cluster.settings : std::vector<ClusterSetting>();
    if (fields.configurations) shape.configuration = cluster.configuration;
    if (fields.attachments) shape.attachments.emplace();
    shape.capacity_providers = cluster.capacity_providers;
    shape.default_capacity_provider_strategy = cluster.default_strategy;
    if (cluster.service_connect_namespace)
        shape.service_connect_defaults.emplace().namespace_ = cluster.service_connect_namespace;
    return shape;
}

}  // namespace gantry::ecs
