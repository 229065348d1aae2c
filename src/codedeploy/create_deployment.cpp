#include <algorithm>

#include "codedeploy/admit_settings.h"
#include "codedeploy/deployment.h"
#include "codedeploy/revision.h"
#include "ecs/service.h"
#include "state/txn.h"

namespace gantry::codedeploy {

using namespace shapes::codedeploy;
using state::Txn;

namespace {

// A test listener makes its two events; a hook for one of them makes them too.
std::vector<LifecycleEvent> lifecycle(const AppSpec& spec, bool test_listener) {
    std::vector<LifecycleEvent> events;
    const auto add = [&](const char* name) {
        auto& event = events.emplace_back();
        event.name = name;
        if (const auto hook = spec.hooks.find(name); hook != spec.hooks.end()) event.hook = hook->second;
    };
    for (const char* name : {"BeforeInstall", "Install", "AfterInstall"}) add(name);
    if (test_listener) add("AllowTestTraffic");
    if (test_listener || spec.hooks.contains("AfterAllowTestTraffic")) add("AfterAllowTestTraffic");
    for (const char* name : {"BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"}) add(name);
    return events;
}

// What a request for instances has.
Result<> refuse_instances(const CreateDeploymentRequest& request) {
    if (request.target_instances) {
        return refuse(
            "InvalidTargetInstancesException", "Target instances cannot be specified for an ECS deployment."
        );
    }
    if (request.ignore_application_stop_failures.value_or(false)) {
        return refuse(
            "InvalidIgnoreApplicationStopFailuresValueException",
            "ignoreApplicationStopFailures must be false for an ECS deployment."
        );
    }
    if (request.update_outdated_instances_only.value_or(false)) {
        return refuse(
            "InvalidUpdateOutdatedInstancesOnlyValueException",
            "updateOutdatedInstancesOnly must be false for an ECS deployment."
        );
    }
    return {};
}

void forget_old(Txn& txn, const std::string& group_key) {
    auto all = txn.find<DeploymentsByGroup>(group_key);
    if (all.size() < kDeploymentsKept) return;
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return std::tie(a->created_at, a->id) < std::tie(b->created_at, b->id);
    });
    // A rollback is made without looking, so that two may be too many.
    const std::size_t most = std::min<std::size_t>(all.size() - kDeploymentsKept + 1, 2);
    for (std::size_t i = 0; i < most; ++i) {
        if (all[i]->ended()) txn.erase<DeploymentRecord>(all[i]->key());
    }
}

}  // namespace

Result<CreateDeploymentResponse> create_deployment(
    Txn& txn, const CreateDeploymentRequest& request, const Caller& caller
) {
    TRY(const auto application, find_application(txn, caller, request.application_name));
    if (!request.deployment_group_name) {
        return refuse("DeploymentGroupNameRequiredException", "The deployment group name was not specified.");
    }
    TRY(const auto found, find_deployment_group(txn, *application, *request.deployment_group_name));
    DeploymentGroupRecord group = *found;
    const auto& settings = group.settings;
    TRY_VOID(refuse_instances(request));
    TRY(auto named, admit_revision(request.revision));
    TRY(auto revision, known_or_new(txn, *application, named));
    if (!named.spec) {
        TRY(named.spec, parse_app_spec(revision.content));
    }

    DeploymentRecord deployment;
    deployment.scope = caller.scope();
    deployment.application = application->id;
    deployment.group = group.id;
    deployment.application_name = application->name;
    deployment.group_name = group.name;
    deployment.description = request.description.value_or("");
    deployment.created_at = txn.now();
    deployment.revision_type = revision.type;
    deployment.revision_sha256 = revision.sha256;
    deployment.spec = *std::move(named.spec);
    deployment.config_name = request.deployment_config_name.value_or(*settings.deployment_config_name);
    deployment.load_balancer = *settings.load_balancer_info;
    TRY(deployment.routes, admit_traffic_routes(txn, caller, deployment.load_balancer));
    TRY_VOID(admit_config(txn, caller, deployment.config_name, deployment.routes.application));
    deployment.shift =
        traffic_shift(*find_deployment_config(txn, deployment.scope, deployment.config_name));
    TRY_VOID(admit_role(txn, caller, settings.service_role_arn.value_or("")));
    deployment.auto_rollback = request.auto_rollback_configuration.value_or(*settings.auto_rollback_configuration);
    TRY_VOID(admit_auto_rollback(deployment.auto_rollback));
    deployment.alarms = *settings.alarm_configuration;
    deployment.override_alarms = request.override_alarm_configuration;
    if (deployment.override_alarms) {
        TRY_VOID(admit_alarms(*deployment.override_alarms));
        deployment.alarms = *deployment.override_alarms;
    }
    deployment.blue_green = *settings.blue_green_deployment_configuration;
    deployment.service = group.service;
    deployment.events = lifecycle(deployment.spec, !deployment.routes.test_listener.empty());
    if (!group.active.empty()) {
        return refuse(
            "DeploymentLimitExceededException", "The Deployment Group '" + group.name +
                                                    "' already has an active Deployment '" + group.active + "'"
        );
    }
    if (const auto last = txn.get<DeploymentRecord>(deployment.scope + group.last_successful)) {
        deployment.previous_type = last->revision_type;
        deployment.previous_sha256 = last->revision_sha256;
    }
    deployment.id = fresh_deployment_id(txn.chance());
    deployment.updated_at = txn.now();

    forget_old(txn, group.key());
    if (!revision.first_used_at) revision.first_used_at = txn.now();
    revision.last_used_at = txn.now();
    if (std::find(revision.groups.begin(), revision.groups.end(), group.name) == revision.groups.end())
        revision.groups.push_back(group.name);
    txn.put(std::move(revision));
    group.active = group.last_attempted = deployment.id;
    txn.put(std::move(group));
    CreateDeploymentResponse response{deployment.id};
    txn.put(std::move(deployment));
    return response;
}

}  // namespace gantry::codedeploy
