#pragma once

#include <boost/describe.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "ecs/scope.h"
#include "ecs/tag.h"
#include "ecs/task_definition.h"
#include "link/status.h"
#include "state/schema.h"

namespace gantry::ecs {

// What a worker reported of one container; the rest stands in the definition.
struct ContainerState {
    std::string name;
    link::ContainerStatus status = link::ContainerStatus::PENDING;
    std::optional<int> exit_code;
    std::string reason;
    std::string runtime_id;
    std::string image_digest;
    link::HealthStatus health = link::HealthStatus::UNKNOWN;
    friend bool operator==(const ContainerState&, const ContainerState&) = default;
};
BOOST_DESCRIBE_STRUCT(ContainerState, (), (name, status, exit_code, reason, runtime_id, image_digest, health))

// The task's interface, kept here because a stopped task shows it when the ENI is long gone. Empty id: none
// yet.
struct TaskInterface {
    std::string id;
    std::string subnet;
    std::string vpc;
    std::string address;
    std::string mac;
    std::string private_dns_name;
    friend bool operator==(const TaskInterface&, const TaskInterface&) = default;
};
BOOST_DESCRIBE_STRUCT(TaskInterface, (), (id, subnet, vpc, address, mac, private_dns_name))

// A task. Above the line what was asked for (desired: written by operations and controllers), below it what
// was seen (observed: written from workers' reports only).
struct TaskRecord {
    static constexpr state::TableInfo kTable{"ecs.task", 1};

    std::string scope;
    std::string cluster;
    std::string id;  // 32 hexadecimal digits, unique in the installation
    std::string family;
    int revision = 0;
    std::string group;              // "family:NAME", "service:NAME" or as asked
    std::string launch_type;        // "FARGATE"; empty where a capacity provider was chosen
    std::string capacity_provider;  // "FARGATE", "FARGATE_SPOT"
    std::string platform_version;   // "1.4.0"
    std::string started_by;         // "ecs-svc/DEPLOYMENT" for one of a service
    // The record key of its service revision (and deployment); empty for a stand-alone task.
    std::string service_revision;
    std::string cpu;     // effective, in units, as text
    std::string memory;  // effective, in MiB, as text
    int ephemeral_gib = 0;
    bool execute_command = false;
    boost::json::object overrides;  // TaskOverride as sent
    std::vector<std::string> subnets;
    std::vector<std::string> security_groups;
    bool assign_public_ip = false;
    Tags tags;
    PolicyInstant created_at;

    link::TaskStatus desired_status = link::TaskStatus::RUNNING;  // or STOPPED
    std::string stop_code;
    std::string stopped_reason;
    bool protection_enabled = false;
    std::optional<PolicyInstant> protection_until;
    std::string worker;  // empty: not placed
    TaskInterface interface;
    std::string availability_zone;
    // The record keys of the target groups in which it is registered, until it is deregistered.
    std::vector<std::string> target_groups;
    // It failed its health checks: load balancers do not wait for its open connections.
    bool hung = false;
    // Written by its service's scheduler. served: it once ran and passed its checks; wave: the attempt of its
    // deployment that started it; counted: the scheduler knows that it is to stop.
    bool served = false;
    int wave = 0;
    bool counted = false;
    std::int64_t version = 1;

    // ----
    link::TaskStatus last_status = link::TaskStatus::PROVISIONING;
    std::vector<ContainerState> containers;
    link::HealthStatus health = link::HealthStatus::UNKNOWN;
    bool disconnected = false;
    std::optional<PolicyInstant> connectivity_at;
    std::optional<PolicyInstant> pull_started_at;
    std::optional<PolicyInstant> pull_stopped_at;
    std::optional<PolicyInstant> started_at;
    // By the control plane's real time: when its last status became RUNNING.
    std::optional<RealInstant> running_since;
    std::optional<PolicyInstant> stopping_at;
    std::optional<PolicyInstant> execution_stopped_at;
    std::optional<PolicyInstant> stopped_at;
    // The newest report seen.
    std::uint64_t report_incarnation = 0;
    std::uint64_t report_sequence = 0;

    static std::string key(std::string_view scope, std::string_view cluster, std::string_view id) {
        return std::string(scope) + std::string(cluster) + "/" + std::string(id);
    }
    std::string key() const { return key(scope, cluster, id); }
    std::string arn() const { return task_arn(scope, cluster, id); }
    std::string revision_key() const { return RevisionRecord::key(scope, family, revision); }
    bool stopped() const { return last_status == link::TaskStatus::STOPPED; }
    bool stopping() const { return desired_status == link::TaskStatus::STOPPED; }
    // The name of the service it belongs to; empty for a stand-alone one.
    std::string_view service() const {
        return group.starts_with("service:") ? std::string_view(group).substr(8) : std::string_view();
    }
    // The record key of that service.
    std::string service_key() const { return scope + cluster + "/" + std::string(service()); }
};
BOOST_DESCRIBE_STRUCT(
    TaskRecord,
    (),
    (scope,
     cluster,
     id,
     family,
     revision,
     group,
     launch_type,
     capacity_provider,
     platform_version,
     started_by,
     service_revision,
     cpu,
     memory,
     ephemeral_gib,
     execute_command,
     overrides,
     subnets,
     security_groups,
     assign_public_ip,
     tags,
     created_at,
     desired_status,
     stop_code,
     stopped_reason,
     protection_enabled,
     protection_until,
     worker,
     interface,
     availability_zone,
     target_groups,
     hung,
     served,
     wave,
     counted,
     version,
     last_status,
     containers,
     health,
     disconnected,
     connectivity_at,
     pull_started_at,
     pull_stopped_at,
     started_at,
     running_since,
     stopping_at,
     execution_stopped_at,
     stopped_at,
     report_incarnation,
     report_sequence)
)

// Stopped tasks can be described for an hour.
inline constexpr Duration kStoppedKept = std::chrono::hours(1);

std::string status_text(link::TaskStatus status);

}  // namespace gantry::ecs
