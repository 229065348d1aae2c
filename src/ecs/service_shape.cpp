#include "ecs/service_shape.h"

#include <algorithm>

#include "ecs/admit_run_task.h"
#include "ecs/deployment.h"
#include "ecs/presentation.h"
#include "ecs/service_event.h"
#include "ecs/start_deployment.h"
#include "ecs/task_indexes.h"
#include "ecs/task_set_shape.h"

namespace gantry::ecs {

using namespace shapes::ecs;

namespace {

template <class E>
std::string text(E value) {
    return boost::describe::enum_to_string(value, "");
}

std::int32_t counted(const state::View& view, const std::string& deployment, const char* what) {
    return static_cast<std::int32_t>(
        view.count<TasksByDeployment>(TasksByDeployment::key(deployment, what))
    );
}

// PRIMARY first, then the newest first.
std::vector<state::Pinned<DeploymentRecord>> deployments_of(
    const state::View& view, const ServiceRecord& service
) {
    if (service.status == ServiceStatus::INACTIVE) return {};
    auto list = view.list<DeploymentRecord>(service.parts());
    std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
        if (a->status != b->status) return a->status == DeploymentStatus::PRIMARY;
        return b->created_at < a->created_at;
    });
    return list;
}

Deployment deployment_shape(
    const state::View& view, const DeploymentRecord& deployment, const ServiceRevisionRecord& revision
) {
    Deployment shape;
    shape.id = deployment.name();
    shape.status = text(deployment.status);
    shape.task_definition = revision.definition_arn();
    shape.desired_count = deployment.desired_count;
    shape.pending_count = counted(view, deployment.key(), "pending");
    shape.running_count = counted(view, deployment.key(), "running");
    shape.failed_tasks = deployment.failed_tasks;
    shape.created_at = timestamp(deployment.created_at);
    shape.updated_at = timestamp(deployment.updated_at);
    if (!revision.capacity_provider_strategy.empty())
        shape.capacity_provider_strategy = revision.capacity_provider_strategy;
    if (!revision.launch_type.empty()) shape.launch_type = revision.launch_type;
    shape.platform_version = platform_of(revision);
    shape.platform_family = "Linux";
    shape.network_configuration = network_shape(revision);
    shape.rollout_state = text(deployment.rollout_state);
    shape.rollout_state_reason = deployment.rollout_state_reason;
    return shape;
}

std::vector<ServiceEvent> event_shapes(const state::View& view, const ServiceRecord& service) {
    std::vector<ServiceEvent> shapes;
    const auto events = view.list<ServiceEventRecord>(service.parts());
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
        auto& shape = shapes.emplace_back();
        shape.id = (*event)->id;
        shape.created_at = timestamp((*event)->at);
        shape.message = (*event)->message;
    }
    return shapes;
}

// What is of the PRIMARY's revision.
void add_revision(const ServiceRevisionRecord& revision, Service& shape) {
    shape.task_definition = revision.definition_arn();
    if (!revision.launch_type.empty()) shape.launch_type = revision.launch_type;
    if (!revision.capacity_provider_strategy.empty())
        shape.capacity_provider_strategy = revision.capacity_provider_strategy;
    shape.platform_version = revision.platform_version;
    shape.platform_family = "Linux";
    shape.load_balancers = load_balancer_shapes(revision);
    shape.network_configuration = network_shape(revision);
}

// For waiters that need one: the PRIMARY task set in a deployment's words.
Deployment synthetic_deployment(const TaskSetRecord& set, const TaskSet& shown) {
    Deployment shape;
    shape.id = shown.id;
    shape.status = "PRIMARY";
    shape.task_definition = shown.task_definition;
    shape.desired_count = shown.computed_desired_count;
    shape.pending_count = shown.pending_count;
    shape.running_count = shown.running_count;
    shape.failed_tasks = 0;
    shape.created_at = shown.created_at;
    shape.updated_at = shown.updated_at;
    shape.launch_type = shown.launch_type;
    shape.capacity_provider_strategy = shown.capacity_provider_strategy;
    shape.platform_version = shown.platform_version;
    shape.platform_family = shown.platform_family;
    shape.network_configuration = shown.network_configuration;
    const bool steady = set.stability == Stability::STEADY_STATE;
    shape.rollout_state = steady ? "COMPLETED" : "IN_PROGRESS";
    shape.rollout_state_reason = "Task set " + set.name() + (steady ? " is steady." : " is stabilizing.");
    return shape;
}

// A service of task sets has no deployments; each of its tasks is counted with its set.
void add_task_sets(const state::View& view, const ServiceRecord& service, bool with_tags, Service& shape) {
    auto& sets = shape.task_sets.emplace();
    auto& deployments = shape.deployments.emplace();
    shape.running_count = 0;
    shape.pending_count = 0;
    // AWS shows this until a task set says better.
    if (service.primary.empty()) shape.launch_type = "EC2";
    if (service.status == ServiceStatus::INACTIVE) return;
    const bool synthetic = service.deployment_controller == "CODE_DEPLOY" &&
                           presentation(view).codedeploy_synthetic_deployment;
    for (const auto& set : task_sets_of(view, service)) {
        const auto& entry = sets.emplace_back(task_set_shape(view, *set, with_tags));
        *shape.running_count += *entry.running_count;
        *shape.pending_count += *entry.pending_count;
        if (synthetic && set->id == service.primary)
            deployments.push_back(synthetic_deployment(*set, entry));
    }
}

void add_deployments(const state::View& view, const ServiceRecord& service, Service& shape) {
    auto& deployments = shape.deployments.emplace();
    auto& revisions = shape.current_service_revisions.emplace();
    std::int32_t running = 0;
    std::int32_t pending = 0;
    for (const auto& deployment : deployments_of(view, service)) {
        const auto revision = view.get<ServiceRevisionRecord>(deployment->key());
        if (!revision) continue;
        const auto& entry = deployments.emplace_back(deployment_shape(view, *deployment, *revision));
        auto& summary = revisions.emplace_back();
        summary.arn = revision->arn();
        summary.requested_task_count = entry.desired_count;
        summary.running_task_count = entry.running_count;
        summary.pending_task_count = entry.pending_count;
        running += *entry.running_count;
        pending += *entry.pending_count;
    }
    shape.running_count = running;
    shape.pending_count = pending;
    if (const auto current = current_service_deployment(view, service))
        shape.current_service_deployment = current->arn();
}

}  // namespace

std::string platform_of(const ServiceRevisionRecord& revision) {
    return platform_version(revision.platform_version).value_or(revision.platform_version);
}

std::vector<LoadBalancer> load_balancer_shapes(const ServiceRevisionRecord& revision) {
    std::vector<LoadBalancer> shapes;
    for (const auto& balancer : revision.load_balancers) {
        auto& shape = shapes.emplace_back();
        shape.target_group_arn = balancer.first_arn();
        shape.container_name = balancer.container;
        shape.container_port = balancer.port;
        if (!balancer.advanced()) continue;
        auto& advanced = shape.advanced_configuration.emplace();
        advanced.alternate_target_group_arn = balancer.alternate_arn();
        advanced.production_listener_rule = balancer.production_rule;
        if (!balancer.test_rule.empty()) advanced.test_listener_rule = balancer.test_rule;
        advanced.role_arn = balancer.role_arn;
    }
    return shapes;
}

NetworkConfiguration network_shape(const ServiceRevisionRecord& revision) {
    NetworkConfiguration shape;
    auto& awsvpc = shape.awsvpc_configuration.emplace();
    awsvpc.subnets = revision.subnets;
    awsvpc.security_groups = revision.security_groups;
    awsvpc.assign_public_ip = revision.assign_public_ip ? "ENABLED" : "DISABLED";
    return shape;
}

Service service_shape(const state::View& view, const ServiceRecord& service, bool with_tags) {
    Service shape;
    shape.service_arn = service.arn();
    shape.service_name = service.name;
    shape.cluster_arn = cluster_arn(service.scope, service.cluster);
    shape.status = text(service.status);
    shape.desired_count = service.desired_count;
    shape.created_at = timestamp(service.created_at);
    shape.created_by = service.created_by;
    shape.scheduling_strategy = service.scheduling_strategy;
    shape.deployment_controller.emplace().type = service.deployment_controller;
    shape.deployment_configuration = service.deployment_configuration;
    shape.health_check_grace_period_seconds = service.health_check_grace_seconds;
    shape.propagate_tags = service.propagate_tags;
    shape.enable_ecs_managed_tags = service.managed_tags;
    shape.enable_execute_command = service.execute_command;
    shape.availability_zone_rebalancing = service.zone_rebalancing ? "ENABLED" : "DISABLED";
    shape.resource_management_type = "CUSTOMER";
    if (!service.role_arn.empty()) shape.role_arn = service.role_arn;
    shape.service_registries.emplace();
    shape.load_balancers.emplace();
    shape.placement_constraints.emplace();
    shape.placement_strategy.emplace();
    shape.events = event_shapes(view, service);
    if (with_tags) shape.tags = tag_shapes(service.tags);

    const auto primary =
        view.get<ServiceRevisionRecord>(ServiceRevisionRecord::key(service.parts(), service.primary));
    if (primary) {
        add_revision(*primary, shape);
        // ECS says 0 for one behind a load balancer that was given none.
        if (!primary->load_balancers.empty() && !shape.health_check_grace_period_seconds)
            shape.health_check_grace_period_seconds = 0;
    }
    if (uses_task_sets(service))
        add_task_sets(view, service, with_tags, shape);
    else
        add_deployments(view, service, shape);
    return shape;
}

}  // namespace gantry::ecs
