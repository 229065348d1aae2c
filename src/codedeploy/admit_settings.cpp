#include "codedeploy/admit_settings.h"

#include <boost/json/parse.hpp>
#include <set>

#include "codedeploy/deployment_config.h"
#include "iam/role.h"

namespace gantry::codedeploy {

using namespace shapes::codedeploy;

namespace {

namespace json = boost::json;

tl::unexpected<Error> invalid_blue_green(std::string message) {
    return refuse("InvalidBlueGreenDeploymentConfigurationException", std::move(message));
}

Result<> check_wait(const char* member, int minutes, int least) {
    if (minutes >= least && minutes <= kWaitMax) return {};
    return invalid_blue_green(
        std::string("The value of ") + member + " must be between " + std::to_string(least) + " and " +
        std::to_string(kWaitMax) + " minutes."
    );
}

bool names_codedeploy(const json::value& services) {
    const auto is = [](const json::value& service) {
        if (!service.is_string()) return false;
        // Regional names are of old: codedeploy.eu-west-1.amazonaws.com.
        const auto& name = service.get_string();
        return name == "*" || (name.starts_with("codedeploy.") && name.find(".amazonaws.com") != name.npos);
    };
    if (!services.is_array()) return is(services);
    for (const auto& service : services.get_array()) {
        if (is(service)) return true;
    }
    return false;
}

// Whether a statement of the trust policy lets CodeDeploy assume the role. Conditions are not judged.
bool trusts_codedeploy(const std::string& document) {
    boost::system::error_code code;
    const auto policy = json::parse(document, code);
    if (code || !policy.is_object()) return false;
    const auto* statements = policy.get_object().if_contains("Statement");
    if (statements == nullptr) return false;
    const auto allows = [](const json::value& statement) {
        if (!statement.is_object()) return false;
        const auto* effect = statement.get_object().if_contains("Effect");
        const auto* principal = statement.get_object().if_contains("Principal");
        if (effect == nullptr || *effect != "Allow" || principal == nullptr) return false;
        if (!principal->is_object()) return names_codedeploy(*principal);
        const auto* services = principal->get_object().if_contains("Service");
        return services != nullptr && names_codedeploy(*services);
    };
    if (!statements->is_array()) return allows(*statements);
    for (const auto& statement : statements->get_array()) {
        if (allows(statement)) return true;
    }
    return false;
}

}  // namespace

Result<> admit_auto_rollback(AutoRollbackConfiguration& rollback) {
    if (!rollback.enabled) rollback.enabled = false;
    if (!rollback.events) rollback.events.emplace();
    if (*rollback.enabled && rollback.events->empty()) {
        return refuse(
            "InvalidAutoRollbackConfigException",
            "Automatic rollback is enabled, but no event types were listed."
        );
    }
    return {};
}

Result<> admit_alarms(AlarmConfiguration& alarms) {
    const auto invalid = [](std::string message) {
        return refuse("InvalidAlarmConfigException", std::move(message));
    };
    if (!alarms.enabled) alarms.enabled = false;
    if (!alarms.ignore_poll_alarm_failure) alarms.ignore_poll_alarm_failure = false;
    if (!alarms.alarms) alarms.alarms.emplace();
    if (*alarms.enabled && alarms.alarms->empty())
        return invalid("The alarm configuration is enabled, but the alarm list is empty.");
    if (alarms.alarms->size() > kAlarms) {
        return refuse(
            "AlarmsLimitExceededException",
            "The maximum number of alarms for a deployment group (10) was exceeded."
        );
    }
    std::set<std::string> names;
    for (const auto& alarm : *alarms.alarms) {
        const std::string name = alarm.name.value_or("");
        if (name.empty() || name.size() > 255)
            return invalid("The name of an alarm must have between 1 and 255 characters.");
        if (!names.insert(name).second)
            return invalid("Two alarms with the same name have been specified: " + name);
    }
    return {};
}

Result<> admit_triggers(const std::vector<TriggerConfig>& triggers) {
    const auto invalid = [](std::string message) {
        return refuse("InvalidTriggerConfigException", std::move(message));
    };
    if (triggers.size() > kTriggers) {
        return refuse(
            "TriggerTargetsLimitExceededException", "The maximum allowed number of triggers was exceeded."
        );
    }
    std::set<std::string> names;
    for (const auto& trigger : triggers) {
        const std::string name = trigger.trigger_name.value_or("");
        if (name.empty()) return invalid("The name of a trigger is required.");
        if (!names.insert(name).second)
            return invalid("Two triggers with the same name have been specified: " + name);
        if (!trigger.trigger_target_arn.value_or("").starts_with("arn:"))
            return invalid("The target of the trigger " + name + " must be the ARN of an Amazon SNS topic.");
        if (!trigger.trigger_events || trigger.trigger_events->empty())
            return invalid("The trigger " + name + " has no event types.");
    }
    return {};
}

Result<> admit_blue_green(BlueGreenDeploymentConfiguration& config) {
    if (config.green_fleet_provisioning_option) {
        return invalid_blue_green(
            "For ECS deployment group, greenFleetProvisioningOption can not be specified"
        );
    }
    if (!config.deployment_ready_option) config.deployment_ready_option.emplace();
    auto& ready = *config.deployment_ready_option;
    if (!ready.action_on_timeout) ready.action_on_timeout = "CONTINUE_DEPLOYMENT";
    if (!ready.wait_time_in_minutes) ready.wait_time_in_minutes = 0;
    const bool stops = *ready.action_on_timeout == "STOP_DEPLOYMENT";
    TRY_VOID(check_wait("waitTimeInMinutes", *ready.wait_time_in_minutes, stops ? 1 : 0));

    if (!config.terminate_blue_instances_on_deployment_success)
        config.terminate_blue_instances_on_deployment_success.emplace();
    auto& end = *config.terminate_blue_instances_on_deployment_success;
    if (!end.action) end.action = "TERMINATE";
    if (!end.termination_wait_time_in_minutes) end.termination_wait_time_in_minutes = 0;
    return check_wait("terminationWaitTimeInMinutes", *end.termination_wait_time_in_minutes, 0);
}

Result<> admit_role(const state::View& view, const Caller& caller, const std::string& arn) {
    if (arn.empty()) return refuse("RoleRequiredException", "The service role ARN is required.");
    const auto slash = arn.rfind('/');
    if (!arn.starts_with("arn:") || arn.find(":iam::") == std::string::npos || slash == std::string::npos)
        return refuse("InvalidRoleException", "The role ARN " + arn + " is not in a valid format.");
    const auto role = view.get<iam::RoleRecord>(iam::key_of(caller.account, arn.substr(slash + 1)));
    if (!role || role->arn() != arn || !trusts_codedeploy(role->trust_document)) {
        return refuse(
            "InvalidRoleException",
            "AWS CodeDeploy does not have the permissions required to assume the role " + arn + "."
        );
    }
    return {};
}

Result<> admit_config(
    const state::View& view, const Caller& caller, const std::string& name, bool application_balancer
) {
    const auto config = find_deployment_config(view, caller.scope(), name);
    if (!config) {
        return refuse(
            "DeploymentConfigDoesNotExistException", "No deployment configuration found for name: " + name
        );
    }
    if (*config->compute_platform != "ECS") {
        return refuse(
            "InvalidDeploymentConfigNameException",
            "The deployment configuration " + name + " is for the compute platform " +
                *config->compute_platform + ", not for ECS."
        );
    }
    if (!application_balancer && !traffic_shift(*config).at_once()) {
        return refuse(
            "InvalidTrafficRoutingConfigurationException",
            "Only ALB supports gradual traffic routing, use AllAtOnce Traffic routing instead when you "
            "create/update Deployment group"
        );
    }
    return {};
}

}  // namespace gantry::codedeploy
