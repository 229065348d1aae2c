#include "ecs/start_task_set.h"

#include <algorithm>

#include "ecs/admit_network.h"
#include "ecs/admit_run_task.h"
#include "ecs/admit_service.h"
#include "ecs/start_deployment.h"

namespace gantry::ecs {

namespace {

constexpr const char* kInvalid = "InvalidParameterException";
constexpr const char* kWhy = "a task set is made";

// In whose account and region the service's own controller names resources.
Caller owner_of(const ServiceRecord& service) {
    Caller caller;
    caller.account = account_of(service.scope);
    caller.region = region_of(service.scope);
    return caller;
}

Result<ServiceRevisionRecord> admit_workload(
    const state::View& view, const ServiceRecord& service, const NewTaskSet& wanted
) {
    const Caller caller = owner_of(service);
    ServiceRevisionRecord revision;
    const auto cluster = view.get<ClusterRecord>(service.scope + service.cluster);
    if (!cluster) return refuse("ClusterNotFoundException", "Cluster not found.");
    TRY(const auto definition, admit_service_definition(view, wanted.task_definition, caller));
    TRY_VOID(admit_execute_command(service.execute_command, *definition, "task set couldn't be created"));
    revision.family = definition->family;
    revision.revision = definition->revision;
    TRY_VOID(admit_service_capacity(
        *cluster, wanted.launch_type, wanted.capacity_provider_strategy, *definition, revision
    ));
    TRY_VOID(platform_version(wanted.platform_version));
    revision.platform_version = wanted.platform_version.value_or("");
    if (revision.platform_version.empty()) revision.platform_version = "LATEST";
    TRY(auto network, admit_network(view, wanted.network, caller));
    revision.subnets = std::move(network.subnets);
    revision.security_groups = std::move(network.security_groups);
    revision.interface_groups = std::move(network.interface_groups);
    revision.assign_public_ip = network.assign_public_ip;
    TRY_VOID(refuse_second_target_group(wanted.load_balancers.size(), service.deployment_controller));
    TRY(revision.load_balancers,
        admit_load_balancers(
            view, wanted.load_balancers, *definition, network.vpc, caller, wanted.behind_listener
        ));
    TRY_VOID(refuse_advanced(revision.load_balancers, service.deployment_controller));
    return revision;
}

}  // namespace

Result<void> refuse_advanced(const std::vector<ServiceLoadBalancer>& balancers, const std::string& controller) {
    const bool advanced = std::any_of(balancers.begin(), balancers.end(), [](const auto& balancer) {
        return balancer.advanced();
    });
    if (!advanced) return {};
    return refuse(
        kInvalid, "advancedConfiguration is not supported for services with the " + controller +
                      " deployment controller."
    );
}

Result<void> refuse_second_target_group(std::size_t load_balancers, const std::string& controller) {
    if (load_balancers <= 1) return {};
    return refuse(
        kInvalid, "Multiple target groups are not supported for services with the " + controller +
                      " deployment controller."
    );
}

TaskSetRecord start_task_set(
    const state::Turn& turn,
    const ServiceRecord& service,
    ServiceRevisionRecord revision,
    const NewTaskSet& wanted,
    state::Plan& plan
) {
    revision.parts = service.parts();
    revision.scope = service.scope;
    revision.cluster = service.cluster;
    revision.service = service.name;
    revision.id = revision_id(turn.chance);
    revision.created_at = turn.now;

    TaskSetRecord set;
    set.parts = revision.parts;
    set.service = service.key();
    set.scope = service.scope;
    set.cluster = service.cluster;
    set.service_name = service.name;
    set.id = revision.id;
    set.definition = revision.definition_key();
    set.status = wanted.status;
    set.external_id = wanted.external_id;
    set.started_by = wanted.started_by;
    set.scale = wanted.scale;
    set.created_at = set.updated_at = set.stability_at = turn.now;
    set.tags = wanted.tags;
    plan.put(std::move(revision), kWhy);
    plan.put(set, kWhy);
    return set;
}

void unsettle_task_sets(
    const state::View& view, const state::Turn& turn, const ServiceRecord& service, state::Plan& plan
) {
    for (const auto& known : task_sets_of(view, service)) {
        const bool stays = share_of(service.desired_count, known->scale) == known->computed_desired;
        if (stays || known->stability == Stability::STABILIZING || known->status == TaskSetStatus::DRAINING)
            continue;
        TaskSetRecord set = *known;
        set.stability = Stability::STABILIZING;
        set.stability_at = turn.now;
        plan.put(std::move(set), "the service's desired count is another one");
    }
}

Result<TaskSetRecord> make_task_set(
    const state::View& view,
    const state::Turn& turn,
    const ServiceRecord& service,
    const NewTaskSet& wanted,
    state::Plan& plan
) {
    const auto known = view.list<TaskSetRecord>(service.parts()).size();
    if (known >= kTaskSetsMax) {
        return refuse(
            kInvalid,
            std::to_string(known) +
                " deployments exist on the service. Unable to create new TaskSet since this exceeds the "
                "maximum limit."
        );
    }
    TRY(auto revision, admit_workload(view, service, wanted));
    return start_task_set(turn, service, std::move(revision), wanted, plan);
}

}  // namespace gantry::ecs
