#include "ecs/account_setting.h"
#include "ecs/admit_network.h"
#include "ecs/admit_run_task.h"
#include "ecs/admit_service.h"
#include "ecs/admit_strategy.h"
#include "ecs/idempotency.h"
#include "ecs/service_shape.h"
#include "ecs/start_deployment.h"
#include "ecs/start_task_set.h"
#include "shapes/json.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

constexpr const char* kInvalid = "InvalidParameterException";

struct Draft {
    ServiceRecord service;
    ServiceRevisionRecord revision;
};

std::string service_linked_role(const Caller& caller) {
    const auto scope = caller.scope();
    const std::string arn = cluster_arn(scope, "x");
    return arn.substr(0, arn.find(":ecs:")) + ":iam::" + caller.account +
           ":role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS";
}

// How the tasks are kept and replaced: what stands in the service itself.
Result<void> admit_keeping(
    const state::View& view, const CreateServiceRequest& request, const Caller& caller, ServiceRecord& service
) {
    if (request.scheduling_strategy == "DAEMON")
        return refuse(kInvalid, "The daemon scheduling strategy is not supported with FARGATE launch type.");
    TRY(service.deployment_controller, admit_deployment_controller(request.deployment_controller));
    // EXTERNAL needs nothing but a name.
    if (!request.desired_count && service.deployment_controller != "EXTERNAL")
        return refuse(kInvalid, "The replica scheduling strategy requires a desired count for services.");
    service.desired_count = request.desired_count.value_or(0);
    TRY_VOID(admit_desired_count(service.desired_count));
    TRY_VOID(admit_deployment_configuration(
        request.deployment_configuration.value_or(DeploymentConfiguration()), service.deployment_configuration
    ));
    if (uses_task_sets(service)) {
        TRY_VOID(admit_without_deployments(
            service.deployment_controller, service.deployment_configuration
        ));
    }
    // The default is ENABLED, but not where it could not work.
    service.zone_rebalancing = service.maximum_percent() > 100;
    if (request.availability_zone_rebalancing) {
        TRY_VOID(admit_zone_rebalancing(*request.availability_zone_rebalancing, service));
        service.zone_rebalancing = *request.availability_zone_rebalancing == "ENABLED";
    }
    if (request.health_check_grace_period_seconds) {
        TRY_VOID(admit_health_check_grace(*request.health_check_grace_period_seconds));
        service.health_check_grace_seconds = request.health_check_grace_period_seconds;
    }
    if (request.role && !request.role->empty()) {
        return refuse(
            kInvalid, "You cannot specify an IAM role for services that require a service linked role."
        );
    }
    service.role_arn = service_linked_role(caller);
    service.managed_tags = request.enable_ecs_managed_tags.value_or(false);
    service.execute_command = request.enable_execute_command.value_or(false);
    service.propagate_tags = request.propagate_tags.value_or("NONE");
    const auto on = [](const std::string& value) { return value == "enabled" || value == "on"; };
    if (request.tags && !request.tags->empty()) {
        TRY(service.tags, admit_tags(request.tags));
        if (!on(account_setting(view, service.scope, caller.arn, "serviceLongArnFormat"))) {
            return refuse(
                kInvalid, "The new ARN and resource ID format must be enabled to add tags to the service. "
                          "Opt in to the new format and try again."
            );
        }
    }
    if ((service.managed_tags || service.propagate_tags != "NONE") &&
        !on(account_setting(view, service.scope, caller.arn, "taskLongArnFormat"))) {
        return refuse(
            kInvalid, "The new ARN and resource ID format must be enabled to propagate tags. Opt in to the "
                      "new format and try again."
        );
    }
    return {};
}

// What a task set says is not the service's to say.
Result<void> refuse_workload(const CreateServiceRequest& request) {
    const auto some = [](const auto& list) { return list && !list->empty(); };
    if (request.task_definition && !request.task_definition->empty())
        return refuse(kInvalid, "TaskDefinition must be blank");
    if (request.network_configuration) return refuse(kInvalid, "NetworkConfiguration must be null.");
    if (some(request.load_balancers)) return refuse(kInvalid, "LoadBalancers must be empty.");
    if (request.platform_version && !request.platform_version->empty())
        return refuse(kInvalid, "PlatformVersion must be blank");
    if (some(request.capacity_provider_strategy))
        return refuse(kInvalid, "CapacityProviderStrategy must be empty.");
    // The EC2 that is shown until there is a PRIMARY task set means nothing: any launch type may be named.
    return {};
}

Result<void> admit_workload(
    const state::View& view,
    const ClusterRecord& cluster,
    const CreateServiceRequest& request,
    const Caller& caller,
    const ServiceRecord& service,
    ServiceRevisionRecord& revision
) {
    if (!request.task_definition || request.task_definition->empty())
        return refuse("ClientException", "TaskDefinition can not be blank.");
    TRY(const auto definition, admit_service_definition(view, *request.task_definition, caller));
    TRY_VOID(admit_execute_command(service.execute_command, *definition, "service couldn't be created"));
    revision.family = definition->family;
    revision.revision = definition->revision;
    TRY_VOID(admit_service_capacity(
        cluster, request.launch_type, request.capacity_provider_strategy, *definition, revision
    ));
    TRY_VOID(platform_version(request.platform_version));
    revision.platform_version = request.platform_version.value_or("");
    if (revision.platform_version.empty()) revision.platform_version = "LATEST";
    TRY(auto network, admit_network(view, request.network_configuration, caller));
    revision.subnets = std::move(network.subnets);
    revision.security_groups = std::move(network.security_groups);
    revision.interface_groups = std::move(network.interface_groups);
    revision.assign_public_ip = network.assign_public_ip;
    const auto load_balancers = request.load_balancers.value_or(std::vector<LoadBalancer>());
    if (uses_task_sets(service)) {
        TRY_VOID(refuse_second_target_group(load_balancers.size(), service.deployment_controller));
        if (load_balancers.empty()) {
            return refuse(
                kInvalid,
                "A load balancer is required for services with a CODE_DEPLOY deployment controller."
            );
        }
    }
    TRY(revision.load_balancers,
        admit_load_balancers(view, load_balancers, *definition, network.vpc, caller));
    if (uses_task_sets(service)) return refuse_advanced(revision.load_balancers, service.deployment_controller);
    return check_routes(service.deployment_configuration, revision.load_balancers);
}

Result<Draft> admit(const state::View& view, const CreateServiceRequest& request, const Caller& caller) {
    Draft draft;
    auto& service = draft.service;
    TRY(const auto cluster, find_cluster(view, request.cluster, caller));
    if (!is_name(request.service_name)) {
        return refuse(
            kInvalid, request.service_name.empty() ? "Service name cannot be empty."
                                                   : "Service name contains invalid characters."
        );
    }
    service.scope = caller.scope();
    service.cluster = cluster->name;
    service.name = request.service_name;
    TRY_VOID(refuse_placement(request.placement_constraints, request.placement_strategy));
    TRY_VOID(admit_keeping(view, request, caller, service));
    if (service.deployment_controller == "EXTERNAL") {
        TRY_VOID(refuse_workload(request));
    } else {
        TRY_VOID(admit_workload(view, *cluster, request, caller, service, draft.revision));
    }
    TRY_VOID(refuse_unbuilt(request));
    service.created_by = caller.arn;
    return draft;
}

// Whether what is there is what is asked for again.
bool same(
    const ServiceRecord& known, const state::Pinned<ServiceRevisionRecord>& primary, const Draft& draft
) {
    const auto text = [](const auto& value) { return encode_text(value); };
    const auto& service = draft.service;
    const auto& revision = draft.revision;
    const bool same_tasks =
        service.deployment_controller == "EXTERNAL" ||
        (primary != nullptr && same_workload(*primary, revision) &&
         primary->definition_key() ==
             RevisionRecord::key(service.scope, revision.family, revision.revision));
    return same_tasks && known.deployment_controller == service.deployment_controller &&
           known.desired_count == service.desired_count &&
           text(known.deployment_configuration) == text(service.deployment_configuration) &&
           known.health_check_grace_seconds == service.health_check_grace_seconds &&
           known.propagate_tags == service.propagate_tags && known.managed_tags == service.managed_tags &&
           known.execute_command == service.execute_command &&
           known.zone_rebalancing == service.zone_rebalancing && known.tags == service.tags;
}

// What an earlier request with this token, or for a service that is just so, made; absent when there is none.
Result<std::optional<Service>> repeated(Txn& txn, const Draft& draft) {
    const auto known = txn.get<ServiceRecord>(draft.service.key());
    if (!known || known->status == ServiceStatus::INACTIVE) return std::optional<Service>();
    if (known->status == ServiceStatus::DRAINING)
        return refuse(kInvalid, "Unable to Start a service that is still Draining.");
    const auto primary = txn.get<ServiceRevisionRecord>(
        ServiceRevisionRecord::key(known->parts(), known->primary)
    );
    if (!same(*known, primary, draft))
        return refuse(kInvalid, "Creation of service was not idempotent.");
    return std::optional(service_shape(txn, *known, true));
}

// What its first tasks come from: a deployment, or CODE_DEPLOY's first task set. EXTERNAL has none.
void start(Txn& txn, ServiceRecord& service, ServiceRevisionRecord revision) {
    if (!uses_task_sets(service)) return start_deployment(txn, service, std::move(revision));
    if (service.deployment_controller == "EXTERNAL") return;
    NewTaskSet first;
    first.scale = 100;
    first.status = TaskSetStatus::PRIMARY;
    state::Plan plan;
    service.primary = start_task_set(txn.turn(), service, std::move(revision), first, plan).id;
    txn.apply(plan);
}

}  // namespace

// The service's first deployment (or task set) begins; the controllers start its tasks. A repetition that asks
// for what is there already gets it again, with a clientToken also when the service has been updated meanwhile.
Result<CreateServiceResponse> create_service(
    Txn& txn, const CreateServiceRequest& request, const Caller& caller
) {
    const std::string token = request.client_token.value_or("");
    if (token.size() > 64) return refuse(kInvalid, "clientToken can have at most 64 characters.");
    CreateServiceResponse response;
    TokenRecord record;
    if (!token.empty()) {
        auto bare = request;
        bare.client_token.reset();
        record = {caller.scope(), "CreateService", token, fingerprint(shapes::to_json_text(bare)), {},
                  txn.now() + kTokenKept};
        const auto known = txn.get<TokenRecord>(record.key());
        if (known && txn.now() < known->expires_at) {
            if (known->fingerprint != record.fingerprint)
                return refuse(kInvalid, "Creation of service was not idempotent.");
            const auto service = txn.get<ServiceRecord>(known->tasks.front());
            if (service && service->status == ServiceStatus::ACTIVE) {
                response.service = service_shape(txn, *service, true);
                return response;
            }
        }
    }
    TRY(auto draft, admit(txn, request, caller));
    auto& service = draft.service;
    TRY(auto earlier, repeated(txn, draft));
    if (earlier) {
        response.service = *std::move(earlier);
        return response;
    }
    const auto active =
        txn.count<ServicesByCluster>(
            ServicesByCluster::key(service.scope, service.cluster, ServiceStatus::ACTIVE)
        );
    if (active >= kServicesPerClusterMax)
        return refuse(kInvalid, "The maximum number of services per cluster (5000) has been reached.");
    if (const auto gone = txn.get<ServiceRecord>(service.key()))
        txn.put(ServiceRemainsRecord{gone->parts()});

    service.instance = txn.chance().hex(8);
    service.created_at = txn.now();
    service.status_at = txn.now();
    start(txn, service, std::move(draft.revision));
    txn.put(service);
    response.service = service_shape(txn, service, true);
    if (!token.empty()) {
        record.tasks.push_back(service.key());
        txn.put(std::move(record));
    }
    return response;
}

}  // namespace gantry::ecs
