#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "ecs/scope.h"
#include "ecs/service_state.h"
#include "shapes/record_codec.h"
#include "ecs/tag.h"
#include "shapes/ecs/shapes.h"
#include "state/schema.h"

namespace gantry::ecs {

// DRAINING: deleted, its tasks are being stopped. INACTIVE: none is left; shown for an hour.
enum class ServiceStatus { ACTIVE, DRAINING, INACTIVE };
BOOST_DESCRIBE_ENUM(ServiceStatus, ACTIVE, DRAINING, INACTIVE)

// A service: how many tasks, and how they are replaced. What its tasks are (task definition, network, load
// balancers, ...) stands in service revisions; `primary` names the one that is wanted. Operations write what
// was asked for; the service controller writes `status` from DRAINING on, and `primary` when it rolls back.
struct ServiceRecord {
    static constexpr state::TableInfo kTable{"ecs.service", 1};

    std::string scope;
    std::string cluster;
    std::string name;
    // Fresh each time that a service of this name is created: what belongs to an older one is told apart by
    // it.
    std::string instance;
    PolicyInstant created_at;
    std::string created_by;  // the caller's ARN
    ServiceStatus status = ServiceStatus::ACTIVE;
    PolicyInstant status_at;  // when it became so

    int desired_count = 0;
    std::string scheduling_strategy = "REPLICA";
    std::string deployment_controller = "ECS";
    // maximumPercent, minimumHealthyPercent and deploymentCircuitBreaker are always there.
    shapes::ecs::DeploymentConfiguration deployment_configuration;
    std::optional<std::int32_t> health_check_grace_seconds;
    std::string propagate_tags = "NONE";  // or SERVICE, TASK_DEFINITION
    bool managed_tags = false;
    bool execute_command = false;
    bool zone_rebalancing = true;
    std::string role_arn;
    Tags tags;

    // The id (19 digits) of the revision, and so of the deployment, that is PRIMARY.
    std::string primary;
    // The number of the newest service deployment, and of the newest event; both count from 1.
    std::int64_t last_service_deployment = 0;
    std::int64_t last_event = 0;
    // What its events have said, by the scheduler.
    scheduler::Told told;

    static std::string key(std::string_view scope, std::string_view cluster, std::string_view name) {
        return std::string(scope) + std::string(cluster) + "/" + std::string(name);
    }
    std::string key() const { return key(scope, cluster, name); }
    // The start of the keys of all that belongs to it: deployments, revisions, events.
    std::string parts() const { return key() + "/" + instance + "/"; }
    std::string arn() const { return service_arn(scope, cluster, name); }
    // What its tasks have as their group.
    std::string group() const { return "service:" + name; }

    // Percent of the desired count.
    int maximum_percent() const { return deployment_configuration.maximum_percent.value_or(200); }
    int minimum_healthy_percent() const {
        return deployment_configuration.minimum_healthy_percent.value_or(100);
    }
    bool breaks_circuit() const {
        const auto& breaker = deployment_configuration.deployment_circuit_breaker;
        return breaker && breaker->enable;
    }
    bool rolls_back() const {
        const auto& breaker = deployment_configuration.deployment_circuit_breaker;
        return breaker && breaker->enable && breaker->rollback;
    }
};
BOOST_DESCRIBE_STRUCT(
    ServiceRecord,
    (),
    (scope,
     cluster,
     name,
     instance,
     created_at,
     created_by,
     status,
     status_at,
     desired_count,
     scheduling_strategy,
     deployment_controller,
     deployment_configuration,
     health_check_grace_seconds,
     propagate_tags,
     managed_tags,
     execute_command,
     zone_rebalancing,
     role_arn,
     tags,
     primary,
     last_service_deployment,
     last_event,
     told)
)

// By cluster and status.
struct ServicesByCluster {
    using Record = ServiceRecord;
    static constexpr bool kCounted = true;
    static std::string key(std::string_view scope, std::string_view cluster, ServiceStatus status) {
        return std::string(scope) + std::string(cluster) + "/" +
               boost::describe::enum_to_string(status, "ACTIVE");
    }
    static void keys(const ServiceRecord& service, std::vector<std::string>& out) {
        out.push_back(key(service.scope, service.cluster, service.status));
    }
};

// INACTIVE services in the order in which they became so.
struct ServicesInactive {
    using Record = ServiceRecord;
    static void keys(const ServiceRecord& service, std::vector<std::string>& out) {
        if (service.status == ServiceStatus::INACTIVE) out.push_back(padded(service.status_at.ms, 15));
    }
};

// A service that is gone, or made anew, left parts: the retention controller erases them in steps.
struct ServiceRemainsRecord {
    static constexpr state::TableInfo kTable{"ecs.service_remains", 1};

    std::string parts;  // ServiceRecord::parts()

    std::string key() const { return parts; }
};
BOOST_DESCRIBE_STRUCT(ServiceRemainsRecord, (), (parts))

}  // namespace gantry::ecs
