#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "base/result.h"
#include "codedeploy/app_spec.h"
#include "codedeploy/deployment_config.h"
#include "codedeploy/deployment_group.h"
#include "codedeploy/lifecycle.h"
#include "codedeploy/traffic_routes.h"
#include "state/schema.h"
#include "state/turn.h"

namespace gantry::codedeploy {

// Ready: waits for ContinueDeployment before it moves traffic. During the termination wait it is InProgress.
enum class DeploymentStatus { Created, Queued, InProgress, Baking, Succeeded, Failed, Stopped, Ready };
BOOST_DESCRIBE_ENUM(
    DeploymentStatus, Created, Queued, InProgress, Baking, Succeeded, Failed, Stopped, Ready
)

// A deployment: what was asked for, frozen when it began, and how far it is. Operations make it and write the
// requests; all else DeploymentController writes. It never goes back: an event that ended stays so.
struct DeploymentRecord {
    static constexpr state::TableInfo kTable{"codedeploy.deployment", 1};

    std::string scope;
    std::string id;           // "d-" and nine letters or digits
    std::string application;  // ids
    std::string group;
    std::string application_name, group_name;  // when it began
    std::string creator = "user";              // or "codeDeployRollback"
    std::string description;
    PolicyInstant created_at;
    std::string revision_type, revision_sha256;
    std::string previous_type, previous_sha256;  // of the last successful one; empty: none
    AppSpec spec;
    std::string config_name;
    TrafficShift shift;
    shapes::codedeploy::AutoRollbackConfiguration auto_rollback;
    shapes::codedeploy::AlarmConfiguration alarms;
    std::optional<shapes::codedeploy::AlarmConfiguration> override_alarms;
    shapes::codedeploy::BlueGreenDeploymentConfiguration blue_green;
    shapes::codedeploy::LoadBalancerInfo load_balancer;
    TrafficRoutes routes;
    std::string service;  // the ecs service's record key

    // ---- Requests.
    bool stop_requested = false;
    bool stop_rolls_back = false;
    bool continue_ready = false;
    bool continue_termination = false;

    // ---- Progress.
    DeploymentStatus status = DeploymentStatus::Created;
    std::vector<LifecycleEvent> events;
    std::optional<PolicyInstant> started_at, completed_at, updated_at;
    std::string error_code, error_message;
    // Digits of the task sets, record keys of their target groups. Blue is the PRIMARY when it began.
    std::string blue_set, green_set;
    std::string blue_group, green_group;
    // Percent of production traffic that green gets, and since when. Absent: the listener is not touched yet.
    std::optional<int> green_weight;
    std::optional<PolicyInstant> weight_at;
    bool test_moved = false;   // the test listener shows green
    bool primary_moved = false;  // green is PRIMARY
    std::optional<PolicyInstant> install_until;
    std::optional<RealInstant> install_since;
    std::optional<PolicyInstant> ready_until, terminate_after;
    bool terminating = false;  // blue is being stopped: there is no way back
    // What the task sets were when it ended: they are gone by then.
    std::vector<shapes::codedeploy::ECSTaskSet> task_sets;

    // The deployment that undid this one, and the one that this one undoes.
    std::string rollback_id, rollback_of;
    std::string rollback_message;

    std::string key() const { return scope + id; }
    std::string parts() const { return scope + application + "/"; }
    std::string group_key() const { return parts() + group; }
    bool ended() const { return completed_at.has_value(); }
    bool rollback() const { return !rollback_of.empty(); }
};
BOOST_DESCRIBE_STRUCT(
    DeploymentRecord,
    (),
    (scope,
     id,
     application,
     group,
     application_name,
     group_name,
     creator,
     description,
     created_at,
     revision_type,
     revision_sha256,
     previous_type,
     previous_sha256,
     spec,
     config_name,
     shift,
     auto_rollback,
     alarms,
     override_alarms,
     blue_green,
     load_balancer,
     routes,
     service,
     stop_requested,
     stop_rolls_back,
     continue_ready,
     continue_termination,
     status,
     events,
     started_at,
     completed_at,
     updated_at,
     error_code,
     error_message,
     blue_set,
     green_set,
     blue_group,
     green_group,
     green_weight,
     weight_at,
     test_moved,
     primary_moved,
     install_until,
     install_since,
     ready_until,
     terminate_after,
     terminating,
     task_sets,
     rollback_id,
     rollback_of,
     rollback_message)
)

// By the group's record key.
struct DeploymentsByGroup {
    using Record = DeploymentRecord;
    static constexpr bool kCounted = true;
    static void keys(const DeploymentRecord& deployment, std::vector<std::string>& out) {
        out.push_back(deployment.group_key());
    }
};

// Those that have not ended, by scope.
struct DeploymentsActive {
    using Record = DeploymentRecord;
    static void keys(const DeploymentRecord& deployment, std::vector<std::string>& out) {
        if (!deployment.ended()) out.push_back(deployment.scope);
    }
};

// Older ones of a group are forgotten when another one is made.
inline constexpr std::size_t kDeploymentsKept = 100;

// InvalidDeploymentIdException, DeploymentDoesNotExistException.
Result<state::Pinned<DeploymentRecord>> find_deployment(
    const state::View& view, const Caller& caller, const std::string& id
);

// As GetDeployment has it.
shapes::codedeploy::DeploymentInfo show(const DeploymentRecord& deployment);

// "d-" and nine upper-case letters or digits.
std::string fresh_deployment_id(state::Chance& chance);

}  // namespace gantry::codedeploy
