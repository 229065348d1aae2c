#include "ecs/admit_service.h"

#include <algorithm>

#include "ecs/admit_cluster.h"
#include "ecs/admit_strategy.h"
#include "ecs/admit_task_definition.h"

namespace gantry::ecs {

using namespace shapes::ecs;

namespace {

constexpr const char* kInvalid = "InvalidParameterException";

template <class List>
bool some(const std::optional<List>& list) {
    return list && !list->empty();
}

}  // namespace

Result<void> admit_desired_count(int count) {
    if (count < 0) return refuse(kInvalid, "The desired count must be greater than or equal to 0.");
    if (count > kDesiredCountMax) {
        return refuse(
            kInvalid, "The desired count exceeds the maximum number of tasks per service (" +
                          std::to_string(kDesiredCountMax) + ")."
        );
    }
    return {};
}

Result<void> admit_health_check_grace(int seconds) {
    if (seconds < 0)
        return refuse(kInvalid, "The health check grace period must be between 0 and 2147483647 seconds.");
    return {};
}

Result<void> admit_deployment_configuration(
    const DeploymentConfiguration& given, DeploymentConfiguration& into
) {
    TRY_VOID(admit_strategy(given, into));
    if (given.alarms && given.alarms->enable && given.alarms->alarm_names.empty())
        return refuse(kInvalid, "alarmNames must be specified when deployment alarms are enabled.");
    if (given.maximum_percent) into.maximum_percent = given.maximum_percent;
    if (given.minimum_healthy_percent) into.minimum_healthy_percent = given.minimum_healthy_percent;
    if (given.deployment_circuit_breaker) into.deployment_circuit_breaker = given.deployment_circuit_breaker;
    if (given.alarms) into.alarms = given.alarms;

    if (!into.maximum_percent) into.maximum_percent = 200;
    if (!into.minimum_healthy_percent) into.minimum_healthy_percent = 100;
    if (!into.deployment_circuit_breaker) into.deployment_circuit_breaker.emplace();
    if (*into.maximum_percent < 100)
        return refuse(kInvalid, "maximumPercent must be greater than or equal to 100.");
    if (*into.minimum_healthy_percent < 0 || *into.minimum_healthy_percent > 100)
        return refuse(kInvalid, "minimumHealthyPercent must be between 0 and 100.");
    if (*into.maximum_percent == 100 && *into.minimum_healthy_percent == 100) {
        return refuse(
            kInvalid,
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments."
        );
    }
    return {};
}

Result<std::string> admit_deployment_controller(const std::optional<DeploymentController>& controller) {
    const std::string type = controller ? controller->type : "ECS";
    if (type == "ECS" || type == "CODE_DEPLOY" || type == "EXTERNAL") return type;
    return refuse(kInvalid, "Deployment controller type " + type + " is not supported.");
}

Result<void> admit_without_deployments(const std::string& controller, DeploymentConfiguration& configuration) {
    const auto& breaker = configuration.deployment_circuit_breaker;
    if (breaker && breaker->enable) {
        return refuse(
            kInvalid, "The deployment circuit breaker is not supported for services with the " + controller +
                          " deployment controller."
        );
    }
    const auto unsupported = [&](const std::string& what) {
        return refuse(
            kInvalid, what + " not supported for services with the " + controller + " deployment controller."
        );
    };
    if (shifts_traffic(configuration))
        return unsupported("The deployment strategy " + *configuration.strategy + " is");
    if (configuration.alarms && configuration.alarms->enable) return unsupported("Deployment alarms are");
    configuration.strategy.reset();
    configuration.bake_time_in_minutes.reset();
    return {};
}

Result<void> admit_zone_rebalancing(const std::string& value, const ServiceRecord& service) {
    if (value == "ENABLED" && service.maximum_percent() <= 100) {
        return refuse(
            kInvalid,
            "Availability Zone rebalancing requires a maximumPercent greater than 100. Change the "
            "maximumPercent value and try again."
        );
    }
    return {};
}

Result<state::Pinned<RevisionRecord>> admit_service_definition(
    const state::View& view, const std::string& text, const Caller& caller
) {
    TRY(const auto name, parse_revision_name(text, caller));
    auto definition = find_revision(view, caller.scope(), name);
    if (!definition) return refuse("ClientException", "TaskDefinition not found.");
    if (!definition->active()) return refuse("ClientException", "TaskDefinition is inactive");
    if (auto missing = not_built_yet(definition->definition))
        return tl::unexpected<Error>(*std::move(missing));
    return definition;
}

Result<void> admit_service_capacity(
    const ClusterRecord& cluster,
    const std::optional<std::string>& launch_type,
    const std::optional<std::vector<CapacityProviderStrategyItem>>& strategy,
    const RevisionRecord& definition,
    ServiceRevisionRecord& revision
) {
    revision.launch_type.clear();
    revision.capacity_provider_strategy.clear();
    if (some(strategy) && launch_type) {
        return refuse(
            kInvalid,
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and "
            "try again."
        );
    }
    if (some(strategy) || (!launch_type && !cluster.default_strategy.empty())) {
        TRY(revision.capacity_provider_strategy, usable_strategy(cluster, strategy));
    } else {
        revision.launch_type = launch_type.value_or("EC2");
    }
    const std::string type = revision.capacity_provider_strategy.empty() ? revision.launch_type : "FARGATE";
    if (type == "MANAGED_INSTANCES") {
        return refuse(
            kInvalid,
            "The MANAGED_INSTANCES launch type is not supported. Use a capacity provider strategy instead."
        );
    }
    const auto& types = *definition.definition.compatibilities;
    if (std::find(types.begin(), types.end(), type) == types.end())
        return refuse(kInvalid, "Task definition does not support launch_type " + type + ".");
    if (type == "FARGATE") return {};
    return refuse(kInvalid, "No Container Instances were found in your cluster.");
}

Result<void> admit_execute_command(
    bool wanted, const RevisionRecord& definition, const std::string& refused
) {
    if (!wanted || !definition.definition.task_role_arn.value_or("").empty()) return {};
    return refuse(
        kInvalid, "The " + refused + " because a valid taskRoleArn is not being used. Specify a valid task role in your "
                  "task definition and try again."
    );
}

Result<void> refuse_placement(
    const std::optional<std::vector<PlacementConstraint>>& constraints,
    const std::optional<std::vector<PlacementStrategy>>& strategies
) {
    if (!some(constraints) && !some(strategies)) return {};
    return refuse(
        kInvalid, "Placement constraints and strategies are not supported with FARGATE launch type."
    );
}

}  // namespace gantry::ecs
