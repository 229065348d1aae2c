#include "base/assertion.h"
#include "ecs/admit_network.h"
#include "ecs/admit_run_task.h"
#include "ecs/admit_service.h"
#include "ecs/admit_strategy.h"
#include "ecs/service_name.h"
#include "ecs/service_shape.h"
#include "ecs/start_deployment.h"
#include "ecs/start_task_set.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

constexpr const char* kInvalid = "InvalidParameterException";

// What changes nothing about running tasks, and so starts no deployment.
Result<void> update_keeping(const UpdateServiceRequest& request, ServiceRecord& service) {
    if (request.desired_count) {
        TRY_VOID(admit_desired_count(*request.desired_count));
        service.desired_count = *request.desired_count;
    }
    const auto& controller = request.deployment_controller;
    if (controller && controller->type != service.deployment_controller) {
        return refuse(
            "UnsupportedFeatureException",
            "Gantry does not change a service's deployment controller yet. Create another service."
        );
    }
    if (request.deployment_configuration) {
        TRY_VOID(admit_deployment_configuration(
            *request.deployment_configuration, service.deployment_configuration
        ));
        if (uses_task_sets(service)) {
            TRY_VOID(admit_without_deployments(
                service.deployment_controller, service.deployment_configuration
            ));
        }
    }
    if (request.availability_zone_rebalancing)
        service.zone_rebalancing = *request.availability_zone_rebalancing == "ENABLED";
    TRY_VOID(admit_zone_rebalancing(service.zone_rebalancing ? "ENABLED" : "DISABLED", service));
    if (request.health_check_grace_period_seconds) {
        TRY_VOID(admit_health_check_grace(*request.health_check_grace_period_seconds));
        service.health_check_grace_seconds = request.health_check_grace_period_seconds;
    }
    if (request.enable_execute_command) service.execute_command = *request.enable_execute_command;
    if (request.enable_ecs_managed_tags) service.managed_tags = *request.enable_ecs_managed_tags;
    if (request.propagate_tags) service.propagate_tags = *request.propagate_tags;
    return {};
}

Result<void> update_capacity(
    const ClusterRecord& cluster,
    const UpdateServiceRequest& request,
    const RevisionRecord& definition,
    ServiceRevisionRecord& revision
) {
    if (!request.capacity_provider_strategy) return {};
    const auto before = revision;
    // An empty list leads back to the launch type.
    const bool back = request.capacity_provider_strategy->empty();
    const auto launch_type = back ? std::optional<std::string>("FARGATE") : std::nullopt;
    TRY_VOID(admit_service_capacity(
        cluster, launch_type, request.capacity_provider_strategy, definition, revision
    ));
    if (!same_workload(before, revision) && !request.force_new_deployment.value_or(false)) {
        return refuse(
            kInvalid,
            "When switching from launch type to capacity provider strategy on an existing service, or making "
            "a change to a capacity provider strategy on a service that is already using one, you must force "
            "a new deployment."
        );
    }
    return {};
}

// What the tasks are after the update. `revision` comes in as the PRIMARY's.
Result<void> update_workload(
    const state::View& view,
    const ClusterRecord& cluster,
    const UpdateServiceRequest& request,
    const Caller& caller,
    ServiceRevisionRecord& revision
) {
    // A service goes on with a definition that was deregistered; only a new one must be ACTIVE.
    auto definition = view.get<RevisionRecord>(revision.definition_key());
    if (request.task_definition && !request.task_definition->empty()) {
        TRY(const auto name, parse_revision_name(*request.task_definition, caller));
        const auto named = find_revision(view, caller.scope(), name);
        if (!named || named->key() != revision.definition_key()) {
            TRY(definition, admit_service_definition(view, *request.task_definition, caller));
            revision.family = definition->family;
            revision.revision = definition->revision;
        }
    }
    if (!definition) return refuse("ClientException", "TaskDefinition not found.");
    TRY_VOID(update_capacity(cluster, request, *definition, revision));
    if (request.platform_version && !request.platform_version->empty()) {
        TRY_VOID(platform_version(request.platform_version));
        revision.platform_version = *request.platform_version;
    }
    const bool networked =
        request.network_configuration && request.network_configuration->awsvpc_configuration;
    if (!networked && !request.load_balancers) return check_containers(revision.load_balancers, *definition);

    std::optional<NetworkConfiguration> wanted = network_shape(revision);
    if (networked) wanted = request.network_configuration;
    TRY(auto network, admit_network(view, wanted, caller));
    revision.subnets = std::move(network.subnets);
    revision.security_groups = std::move(network.security_groups);
    revision.interface_groups = std::move(network.interface_groups);
    revision.assign_public_ip = network.assign_public_ip;
    if (request.load_balancers) {
        TRY(revision.load_balancers,
            admit_load_balancers(view, *request.load_balancers, *definition, network.vpc, caller));
        return {};
    }
    TRY_VOID(check_containers(revision.load_balancers, *definition));
    return check_target_groups(view, revision.load_balancers, network.vpc, caller);
}

// What a task set says cannot be changed in the service, not even to what it is.
Result<void> refuse_workload(const UpdateServiceRequest& request, const std::string& controller) {
    const std::string what = controller == "CODE_DEPLOY" ? "a CODE_DEPLOY" : "an EXTERNAL";
    const std::string end = " on services with " + what + " deployment controller. " +
                            (controller == "CODE_DEPLOY" ? "Use AWS CodeDeploy to trigger a new deployment."
                                                         : "Create a new task set.");
    const auto unable = [&](const char* members) {
        return refuse(kInvalid, std::string("Unable to update ") + members + end);
    };
    if (request.force_new_deployment.value_or(false))
        return refuse(kInvalid, "Cannot force a new deployment" + end);
    if (request.task_definition) return unable("task definition");
    if (request.network_configuration) return unable("network parameters");
    if (request.platform_version) return unable("platform version");
    if (request.load_balancers) return unable("load balancers");
    if (request.capacity_provider_strategy) return unable("capacity provider strategy");
    return {};
}

Result<UpdateServiceResponse> update_with_task_sets(
    const UpdateServiceRequest& request, const ServiceRecord& known, ServiceRecord service, Txn& txn
) {
    TRY_VOID(refuse_workload(request, service.deployment_controller));
    const auto primary = primary_task_set(txn, service);
    const auto definition = primary ? txn.get<RevisionRecord>(primary->definition) : nullptr;
    if (definition && request.enable_execute_command) {
        TRY_VOID(admit_execute_command(service.execute_command, *definition, "service couldn't be updated"));
    }
    state::Plan plan;
    if (service.desired_count != known.desired_count) unsettle_task_sets(txn, txn.turn(), service, plan);
    txn.apply(plan);
    txn.put(service);
    UpdateServiceResponse response;
    response.service = service_shape(txn, service, true);
    return response;
}

}  // namespace

// Members that are not given stay as they are. A change of what the tasks are, or forceNewDeployment, begins
// a new deployment; desired count, deployment configuration, tags and the like do not. Services of task sets
// take only the latter.
Result<UpdateServiceResponse> update_service(
    Txn& txn, const UpdateServiceRequest& request, const Caller& caller
) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    TRY(const auto known, find_service(txn, request.service, cluster->name, caller));
    if (known->status != ServiceStatus::ACTIVE)
        return refuse("ServiceNotActiveException", "Service was not ACTIVE.");
    TRY_VOID(refuse_placement(request.placement_constraints, request.placement_strategy));
    TRY_VOID(refuse_unbuilt(request));
    ServiceRecord service = *known;
    TRY_VOID(update_keeping(request, service));
    if (uses_task_sets(service)) return update_with_task_sets(request, *known, std::move(service), txn);

    const auto primary =
        txn.get<ServiceRevisionRecord>(ServiceRevisionRecord::key(service.parts(), service.primary));
    ASSERT(primary, "a service without its primary revision");
    ServiceRevisionRecord revision = *primary;
    const bool force = request.force_new_deployment.value_or(false);
    const bool asks = force || request.task_definition || request.network_configuration ||
                      request.platform_version || request.load_balancers ||
                      request.capacity_provider_strategy;
    if (asks) {
        TRY_VOID(update_workload(txn, *cluster, request, caller, revision));
    }
    if (request.load_balancers || request.deployment_configuration)
        TRY_VOID(check_routes(service.deployment_configuration, revision.load_balancers));
    if (request.enable_execute_command || revision.definition_key() != primary->definition_key()) {
        const auto definition = txn.get<RevisionRecord>(revision.definition_key());
        if (definition)
            TRY_VOID(admit_execute_command(service.execute_command, *definition, "service couldn't be updated"));
    }
    const bool other_definition = revision.definition_key() != primary->definition_key();
    const bool changed = other_definition || !same_workload(*primary, revision);
    if (changed || force) {
        start_deployment(txn, service, std::move(revision));
    } else if (service.desired_count != known->desired_count) {
        const auto found =
            txn.get<DeploymentRecord>(DeploymentRecord::key(service.parts(), service.primary));
        if (found && found->desired_count != service.desired_count) {
            DeploymentRecord deployment = *found;
            deployment.desired_count = service.desired_count;
            deployment.updated_at = txn.now();
            txn.put(std::move(deployment));
        }
    }
    UpdateServiceResponse response;
    txn.put(service);
    response.service = service_shape(txn, service, true);
    return response;
}

}  // namespace gantry::ecs
