#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "ecs/scope.h"
#include "ecs/service_course.h"
#include "shapes/record_codec.h"
#include "shapes/ecs/shapes.h"
#include "state/schema.h"

namespace gantry::ecs {

enum class ServiceDeploymentStatus {
    PENDING,
    IN_PROGRESS,
    SUCCESSFUL,
    STOPPED,
    STOP_REQUESTED,
    ROLLBACK_REQUESTED,
    ROLLBACK_IN_PROGRESS,
    ROLLBACK_SUCCESSFUL,
    ROLLBACK_FAILED,
};
BOOST_DESCRIBE_ENUM(
    ServiceDeploymentStatus,
    PENDING,
    IN_PROGRESS,
    SUCCESSFUL,
    STOPPED,
    STOP_REQUESTED,
    ROLLBACK_REQUESTED,
    ROLLBACK_IN_PROGRESS,
    ROLLBACK_SUCCESSFUL,
    ROLLBACK_FAILED
)
enum class BreakerStatus { TRIGGERED, MONITORING, MONITORING_COMPLETE, DISABLED };
BOOST_DESCRIBE_ENUM(BreakerStatus, TRIGGERED, MONITORING, MONITORING_COMPLETE, DISABLED)

// A service revision and the tasks that it had when the service deployment came to an end; while it goes on
// they are counted.
struct RevisionSummary {
    std::string id;  // 19 digits
    int requested = 0;
    int running = 0;
    int pending = 0;
    friend bool operator==(const RevisionSummary&, const RevisionSummary&) = default;
};
BOOST_DESCRIBE_STRUCT(RevisionSummary, (), (id, requested, running, pending))

// The way from one or more service revisions to another one, as ListServiceDeployments tells of it. The
// newest is the service's current one. An operation makes it PENDING (and ends an earlier one as STOPPED),
// or asks it to stop (ROLLBACK_REQUESTED, STOP_REQUESTED); the service controller moves it on from there.
// The oldest are erased beyond kServiceDeploymentsKept.
struct ServiceDeploymentRecord {
    static constexpr state::TableInfo kTable{"ecs.service_deployment", 1};

    std::string parts;  // ServiceRecord::parts()
    std::int64_t number = 0;
    std::string scope;
    std::string cluster;
    std::string service;
    std::string id;  // 21 characters of A-Za-z0-9_-
    PolicyInstant created_at;
    std::optional<PolicyInstant> started_at;
    std::optional<PolicyInstant> finished_at;
    std::optional<PolicyInstant> stopped_at;
    PolicyInstant updated_at;
    ServiceDeploymentStatus status = ServiceDeploymentStatus::PENDING;
    std::string status_reason;
    std::vector<RevisionSummary> sources;
    RevisionSummary target;
    shapes::ecs::DeploymentConfiguration deployment_configuration;
    BreakerStatus breaker = BreakerStatus::DISABLED;
    int breaker_failures = 0;
    int breaker_threshold = 0;
    // Of its alarms. Those that are in ALARM when it begins disable the check, as on AWS.
    BreakerStatus alarms = BreakerStatus::DISABLED;
    std::vector<std::string> triggered_alarms;
    // Of strategies other than ROLLING: how far it is.
    std::optional<scheduler::Course> course;
    // Empty until it is rolled back.
    std::string rollback_to;  // the id of a service revision
    std::string rollback_reason;
    std::optional<PolicyInstant> rollback_started_at;

    static std::string key(std::string_view parts, std::int64_t number) {
        return std::string(parts) + padded(number, 10);
    }
    std::string key() const { return key(parts, number); }
    // arn:...:service-deployment/CLUSTER/SERVICE/ID
    std::string arn() const {
        return arn_in(scope, "service-deployment/" + cluster + "/" + service + "/" + id);
    }
    // It needs nothing more: it has succeeded, or was stopped or rolled back.
    bool ended() const {
        return status == ServiceDeploymentStatus::SUCCESSFUL || status == ServiceDeploymentStatus::STOPPED ||
               status == ServiceDeploymentStatus::ROLLBACK_SUCCESSFUL ||
               status == ServiceDeploymentStatus::ROLLBACK_FAILED;
    }
};
BOOST_DESCRIBE_STRUCT(
    ServiceDeploymentRecord,
    (),
    (parts,
     number,
     scope,
     cluster,
     service,
     id,
     created_at,
     started_at,
     finished_at,
     stopped_at,
     updated_at,
     status,
     status_reason,
     sources,
     target,
     deployment_configuration,
     breaker,
     breaker_failures,
     breaker_threshold,
     alarms,
     triggered_alarms,
     course,
     rollback_to,
     rollback_reason,
     rollback_started_at)
)

inline constexpr std::int64_t kServiceDeploymentsKept = 100;

// By service (its parts()), which is newest last, and by id.
struct ServiceDeploymentsByService {
    using Record = ServiceDeploymentRecord;
    static void keys(const ServiceDeploymentRecord& deployment, std::vector<std::string>& out) {
        out.push_back(deployment.parts);
        out.push_back(deployment.parts + deployment.id);
    }
};

// Those that go on and look at listeners, alarms or hooks, by scope.
struct ServiceDeploymentsWatching {
    using Record = ServiceDeploymentRecord;
    static void keys(const ServiceDeploymentRecord& deployment, std::vector<std::string>& out) {
        if (deployment.ended()) return;
        if (deployment.course || deployment.alarms == BreakerStatus::MONITORING) out.push_back(deployment.scope);
    }
};

}  // namespace gantry::ecs
