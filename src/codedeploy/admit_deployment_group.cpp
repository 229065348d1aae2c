#include "codedeploy/admit_deployment_group.h"

#include "codedeploy/admit_settings.h"
#include "codedeploy/traffic_routes.h"
#include "ecs/cluster.h"
#include "ecs/service_name.h"

namespace gantry::codedeploy {

using namespace shapes::codedeploy;

namespace {

template <class List>
bool some(const std::optional<List>& list) {
    return list && !list->empty();
}

// What groups of EC2 instances have.
Result<> refuse_instances(const DeploymentGroupInfo& settings) {
    const auto no = [](const char* what) {
        return refuse(
            "InvalidInputException",
            std::string("For ECS deployment group, ") + what + " can not be specified"
        );
    };
    if (some(settings.ec2_tag_filters)) return no("ec2TagFilters");
    if (settings.ec2_tag_set && some(settings.ec2_tag_set->ec2_tag_set_list)) return no("ec2TagSet");
    if (some(settings.on_premises_instance_tag_filters)) return no("onPremisesInstanceTagFilters");
    if (settings.on_premises_tag_set && some(settings.on_premises_tag_set->on_premises_tag_set_list))
        return no("onPremisesTagSet");
    if (some(settings.auto_scaling_groups)) return no("autoScalingGroups");
    return {};
}

Result<std::string> admit_service(
    const state::View& view, const Caller& caller, const DeploymentGroupRecord& group
) {
    const auto& services = group.settings.ecs_services;
    const auto invalid = [](std::string message) {
        return refuse("InvalidECSServiceException", std::move(message));
    };
    if (!services || services->size() != 1)
        return invalid("For ECS deployment group, exactly one ECS service must be specified");
    const std::string cluster_given = services->front().cluster_name.value_or("");
    const std::string service_given = services->front().service_name.value_or("");
    if (cluster_given.empty() || service_given.empty())
        return invalid("For ECS deployment group, the names of cluster and service must be specified");
    const auto could_not_load = [&](const std::string& cause) {
        return invalid(
            "Could not load ECS service information for cluster: " + cluster_given +
            ", service: " + service_given + ". Cause: " + cause
        );
    };
    const auto cluster = ecs::find_cluster(view, cluster_given, caller);
    if (!cluster) return could_not_load(cluster.error().message);
    const auto service = ecs::find_service(view, service_given, (*cluster)->name, caller);
    if (!service) return could_not_load(service.error().message);
    if ((*service)->status != ecs::ServiceStatus::ACTIVE) return could_not_load("Service was not ACTIVE.");
    if ((*service)->deployment_controller != "CODE_DEPLOY") {
        return invalid(
            "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller."
        );
    }
    for (const auto& other : view.find<DeploymentGroupsByService>((*service)->key())) {
        if (other->id == group.id) continue;
        return refuse(
            "ECSServiceMappingLimitExceededException",
            "The Amazon ECS service " + (*service)->arn() + " is associated with the deployment group " +
                other->name + " already. An Amazon ECS service can be associated with only one deployment group."
        );
    }
    return (*service)->key();
}

}  // namespace

Result<> admit_deployment_group(const state::View& view, const Caller& caller, DeploymentGroupRecord& group) {
    auto& settings = group.settings;
    TRY_VOID(admit_role(view, caller, settings.service_role_arn.value_or("")));
    TRY_VOID(refuse_instances(settings));
    const auto& style = settings.deployment_style;
    if (!style || style->deployment_type != "BLUE_GREEN" || style->deployment_option != "WITH_TRAFFIC_CONTROL") {
        return refuse(
            "InvalidDeploymentStyleException",
            "For ECS deployment, the deployment type must be BLUE_GREEN, and deployment option must be "
            "WITH_TRAFFIC_CONTROL."
        );
    }
    if (!settings.blue_green_deployment_configuration) {
        return refuse(
            "InvalidBlueGreenDeploymentConfigurationException",
            "For ECS deployment group, blueGreenDeploymentConfiguration must be specified"
        );
    }
    TRY_VOID(admit_blue_green(*settings.blue_green_deployment_configuration));
    if (!settings.load_balancer_info) {
        return refuse(
            "InvalidLoadBalancerInfoException", "For ECS deployment group, loadBalancerInfo must be specified"
        );
    }
    TRY(const auto routes, admit_traffic_routes(view, caller, *settings.load_balancer_info));
    if (!settings.deployment_config_name) settings.deployment_config_name = "CodeDeployDefault.ECSAllAtOnce";
    TRY_VOID(admit_config(view, caller, *settings.deployment_config_name, routes.application));
    TRY(group.service, admit_service(view, caller, group));

    if (!settings.trigger_configurations) settings.trigger_configurations.emplace();
    TRY_VOID(admit_triggers(*settings.trigger_configurations));
    if (!settings.alarm_configuration) settings.alarm_configuration.emplace();
    TRY_VOID(admit_alarms(*settings.alarm_configuration));
    if (!settings.auto_rollback_configuration) settings.auto_rollback_configuration.emplace();
    TRY_VOID(admit_auto_rollback(*settings.auto_rollback_configuration));
    if (!settings.outdated_instances_strategy) settings.outdated_instances_strategy = "UPDATE";
    return {};
}

}  // namespace gantry::codedeploy
