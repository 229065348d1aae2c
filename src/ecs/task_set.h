#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "ecs/service.h"
#include "ecs/service_revision.h"
#include "ecs/tag.h"
#include "state/plan.h"
#include "state/turn.h"
#include "state/view.h"

// Task sets: what a service of the deployment controllers CODE_DEPLOY and EXTERNAL has instead of deployments.
// Whoever deploys (codedeploy's controller, or a user by EXTERNAL's operations) makes a second one, moves the
// traffic, makes it PRIMARY and deletes the first; the service controller keeps each at its share of the
// service's desired count, in its own target group.
namespace gantry::ecs {

// PRIMARY: its settings are shown as the service's. DRAINING: deleted; its tasks leave their target group and
// stop, the record goes after the last of them.
enum class TaskSetStatus { PRIMARY, ACTIVE, DRAINING };
BOOST_DESCRIBE_ENUM(TaskSetStatus, PRIMARY, ACTIVE, DRAINING)
enum class Stability { STABILIZING, STEADY_STATE };
BOOST_DESCRIBE_ENUM(Stability, STABILIZING, STEADY_STATE)

// How many tasks, and how far they are. What the tasks are stands in the ServiceRevisionRecord of the same
// key, which never changes. The functions below and UpdateService write what is wanted; the service
// controller writes all from `computed_desired` on.
struct TaskSetRecord {
    static constexpr state::TableInfo kTable{"ecs.task_set", 1};

    std::string parts;    // ServiceRecord::parts()
    std::string service;  // record key
    std::string scope;
    std::string cluster;
    std::string service_name;
    std::string id;          // 19 digits, those of its service revision
    std::string definition;  // the task definition revision's record key
    TaskSetStatus status = TaskSetStatus::ACTIVE;
    std::string external_id;  // CodeDeploy: the id of the deployment; empty: none
    std::string started_by;   // "CODE_DEPLOY", or empty
    double scale = 0;         // percent of the service's desired count, 0 to 100
    PolicyInstant created_at;
    PolicyInstant updated_at;
    Tags tags;
    Stability stability = Stability::STABILIZING;
    PolicyInstant stability_at;  // when it became so

    // ----
    int computed_desired = 0;
    // Starts that fail are repeated more and more seldom, as in DeploymentRecord.
    int failed_launches = 0;
    std::optional<RealInstant> launch_again_at;
    int wave = 0;
    scheduler::Told told;

    static std::string key(std::string_view parts, std::string_view id) {
        return std::string(parts) + std::string(id);
    }
    std::string key() const { return key(parts, id); }
    // As the API and its tasks' startedBy have it.
    std::string name() const { return "ecs-svc/" + id; }
    std::string arn() const {
        return arn_in(scope, "task-set/" + cluster + "/" + service_name + "/" + name());
    }
    std::string service_arn() const { return ecs::service_arn(scope, cluster, service_name); }
};
BOOST_DESCRIBE_STRUCT(
    TaskSetRecord,
    (),
    (parts,
     service,
     scope,
     cluster,
     service_name,
     id,
     definition,
     status,
     external_id,
     started_by,
     scale,
     created_at,
     updated_at,
     tags,
     stability,
     stability_at,
     computed_desired,
     failed_launches,
     launch_again_at,
     wave,
     told)
)

// By the task definition revision's record key: one that is used is not removed.
struct TaskSetsByDefinition {
    using Record = TaskSetRecord;
    static constexpr bool kCounted = true;
    static void keys(const TaskSetRecord& set, std::vector<std::string>& out) {
        out.push_back(set.definition);
    }
};

// As many as a service may have, DRAINING ones included.
inline constexpr std::size_t kTaskSetsMax = 5;

// ---- Asking. A service is found by its key: view.get<ServiceRecord>(ServiceRecord::key(scope, cluster, …)).

// Its deployment controller ("ECS", "CODE_DEPLOY", "EXTERNAL") is not ECS's own.
bool uses_task_sets(const ServiceRecord& service);
// PRIMARY first, then the newest first.
std::vector<state::Pinned<TaskSetRecord>> task_sets_of(const state::View& view, const ServiceRecord& service);
// By its 19 digits, "ecs-svc/DIGITS"; null: there is none (any more).
state::Pinned<TaskSetRecord> task_set_of(
    const state::View& view, const ServiceRecord& service, std::string_view id
);
// Null: there is none. A service under CODE_DEPLOY always has one until it is INACTIVE.
state::Pinned<TaskSetRecord> primary_task_set(const state::View& view, const ServiceRecord& service);
// What its tasks are: task definition, network, capacity, platform version and load_balancers (target group,
// container, port; at most one). Never null while the task set is there.
state::Pinned<ServiceRevisionRecord> revision_of(const state::View& view, const TaskSetRecord& set);

// How far a task set is at this moment.
struct TaskSetProgress {
    int desired = 0;  // scale percent of the service's desired count, rounded up
    int pending = 0;  // as DescribeTaskSets counts
    int running = 0;
    int targets = 0;          // registered in its target group and not draining
    int healthy_targets = 0;  // of them; those of a group that no listener forwards to are not probed
    int unused_targets = 0;   // of them: no listener forwards to their group
    // STEADY_STATE, and for the count that is desired now: `desired` tasks run, none is pending, none fails or
    // awaits a health check (of containers, or of a target group that a listener forwards to).
    bool steady = false;
    // Starts in a row that failed; 0 when one task has passed its checks since.
    int failed_launches = 0;
};
TaskSetProgress progress_of(const state::View& view, const ServiceRecord& service, const TaskSetRecord& set);

// ---- Changing. Each adds to `plan`; in an operation, txn.apply(plan) carries it out. They may be combined in
// one plan as long as each record is changed by one call: make_primary() writes the service and both task sets.

struct NewTaskSet {
    std::string task_definition;  // family, family:revision or ARN; it must be ACTIVE
    std::optional<shapes::ecs::NetworkConfiguration> network;
    std::vector<shapes::ecs::LoadBalancer> load_balancers;
    std::optional<std::string> launch_type;  // neither: the cluster's default strategy, or EC2
    std::optional<std::vector<shapes::ecs::CapacityProviderStrategyItem>> capacity_provider_strategy;
    std::optional<std::string> platform_version;  // absent: LATEST
    double scale = 0;                             // percent
    std::string external_id;
    std::string started_by;
    Tags tags;
    TaskSetStatus status = TaskSetStatus::ACTIVE;
    // CreateTaskSet refuses a target group that no listener forwards to; CodeDeploy's second one is such.
    bool behind_listener = true;
};
// All that `set` is (task definition included) but its scale, ids and tags.
NewTaskSet like(const state::View& view, const TaskSetRecord& set);

// Refused in CreateTaskSet's words, and then nothing is planned. Does not write the service: who makes it
// PRIMARY writes TaskSetRecord::id into ServiceRecord::primary.
Result<TaskSetRecord> make_task_set(
    const state::View& view,
    const state::Turn& turn,
    const ServiceRecord& service,
    const NewTaskSet& wanted,
    state::Plan& plan
);
// `percent` from 0 to 100. It is STABILIZING until the controller has seen that the tasks are as many.
TaskSetRecord scale_task_set(TaskSetRecord set, double percent, const state::Turn& turn, state::Plan& plan);
// The PRIMARY until now becomes ACTIVE. Nothing to do for one that is PRIMARY; not for a DRAINING one.
TaskSetRecord make_primary(
    const state::View& view,
    const state::Turn& turn,
    ServiceRecord service,
    TaskSetRecord set,
    state::Plan& plan
);
// DRAINING; its tasks go whatever its scale. Not for the PRIMARY of a service that is ACTIVE.
TaskSetRecord drain_task_set(TaskSetRecord set, const state::Turn& turn, state::Plan& plan);

// The share of `desired` tasks, rounded up as ECS does.
int share_of(int desired, double percent);

}  // namespace gantry::ecs
