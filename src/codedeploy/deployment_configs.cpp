// AWS's own deployment configurations, and making, reading and deleting others.
#include <array>

#include "codedeploy/deployment_config.h"
#include "codedeploy/deployment_group.h"
#include "codedeploy/name.h"
#include "codedeploy/page.h"
#include "operation/caller.h"
#include "state/txn.h"

namespace gantry::codedeploy {

using namespace shapes::codedeploy;
using state::Txn;

namespace {

constexpr std::string_view kPrefix = "CodeDeployDefault.";
// Percentages and intervals that a canary or linear configuration may have.
constexpr int kPercentMax = 99;
constexpr int kIntervalMax = 2880;
constexpr std::size_t kConfigs = 50;

struct Predefined {
    const char* name;  // after the prefix
    const char* platform;
    const char* routing;  // of ECS and Lambda
    int percent;
    int minutes;
    const char* hosts;  // of Server: the type of its minimum
    int least;
};

// In the order in which AWS lists them.
constexpr std::array kPredefined{
    Predefined{"LambdaLinear10PercentEvery3Minutes", "Lambda", "TimeBasedLinear", 10, 3, "", 0},
    Predefined{"LambdaLinear10PercentEvery2Minutes", "Lambda", "TimeBasedLinear", 10, 2, "", 0},
    Predefined{"LambdaLinear10PercentEvery1Minute", "Lambda", "TimeBasedLinear", 10, 1, "", 0},
    Predefined{"LambdaLinear10PercentEvery10Minutes", "Lambda", "TimeBasedLinear", 10, 10, "", 0},
    Predefined{"LambdaCanary10Percent5Minutes", "Lambda", "TimeBasedCanary", 10, 5, "", 0},
    Predefined{"LambdaCanary10Percent30Minutes", "Lambda", "TimeBasedCanary", 10, 30, "", 0},
    Predefined{"LambdaCanary10Percent15Minutes", "Lambda", "TimeBasedCanary", 10, 15, "", 0},
    Predefined{"LambdaCanary10Percent10Minutes", "Lambda", "TimeBasedCanary", 10, 10, "", 0},
    Predefined{"LambdaAllAtOnce", "Lambda", "AllAtOnce", 0, 0, "", 0},
    Predefined{"ECSLinear10PercentEvery3Minutes", "ECS", "TimeBasedLinear", 10, 3, "", 0},
    Predefined{"ECSLinear10PercentEvery1Minutes", "ECS", "TimeBasedLinear", 10, 1, "", 0},
    Predefined{"ECSCanary10Percent5Minutes", "ECS", "TimeBasedCanary", 10, 5, "", 0},
    Predefined{"ECSCanary10Percent15Minutes", "ECS", "TimeBasedCanary", 10, 15, "", 0},
    Predefined{"ECSAllAtOnce", "ECS", "AllAtOnce", 0, 0, "", 0},
    Predefined{"OneAtATime", "Server", "", 0, 0, "HOST_COUNT", 1},
    Predefined{"HalfAtATime", "Server", "", 0, 0, "FLEET_PERCENT", 50},
    Predefined{"AllAtOnce", "Server", "", 0, 0, "HOST_COUNT", 0},
};

TrafficRoutingConfig routing_of(const Predefined& config) {
    TrafficRoutingConfig routing;
    routing.type = config.routing;
    if (*routing.type == "TimeBasedLinear") {
        routing.time_based_linear.emplace();
        routing.time_based_linear->linear_percentage = config.percent;
        routing.time_based_linear->linear_interval = config.minutes;
    } else if (*routing.type == "TimeBasedCanary") {
        routing.time_based_canary.emplace();
        routing.time_based_canary->canary_percentage = config.percent;
        routing.time_based_canary->canary_interval = config.minutes;
    }
    return routing;
}

DeploymentConfigInfo show(const Predefined& config, std::size_t number) {
    DeploymentConfigInfo info;
    const std::string digits = std::to_string(number + 1);
    info.deployment_config_id = "00000000-0000-0000-0000-" + std::string(12 - digits.size(), '0') + digits;
    info.deployment_config_name = std::string(kPrefix) + config.name;
    if (*config.hosts != '\0') {
        info.minimum_healthy_hosts.emplace();
        info.minimum_healthy_hosts->type = config.hosts;
        info.minimum_healthy_hosts->value = config.least;
    } else {
        info.traffic_routing_config = routing_of(config);
    }
    info.create_time = shapes::Timestamp{0};
    info.compute_platform = config.platform;
    return info;
}

tl::unexpected<Error> invalid_routing(std::string message) {
    return refuse("InvalidTrafficRoutingConfigurationException", std::move(message));
}

Result<> check_step(const char* kind, std::optional<int> percent, std::optional<int> minutes) {
    if (percent.value_or(0) < 1 || percent.value_or(0) > kPercentMax) {
        return invalid_routing(
            std::string("The ") + kind + "Percentage must be between 1 and " + std::to_string(kPercentMax) + "."
        );
    }
    if (minutes.value_or(0) < 1 || minutes.value_or(0) > kIntervalMax) {
        return invalid_routing(
            std::string("The ") + kind + "Interval must be between 1 and " + std::to_string(kIntervalMax) +
            " minutes."
        );
    }
    return {};
}

Result<> check_routing(const TrafficRoutingConfig& routing) {
    const std::string type = routing.type.value_or("");
    if (type == "TimeBasedCanary") {
        if (!routing.time_based_canary || routing.time_based_linear)
            return invalid_routing("A TimeBasedCanary configuration must have timeBasedCanary only.");
        return check_step(
            "canary", routing.time_based_canary->canary_percentage, routing.time_based_canary->canary_interval
        );
    }
    if (type == "TimeBasedLinear") {
        if (!routing.time_based_linear || routing.time_based_canary)
            return invalid_routing("A TimeBasedLinear configuration must have timeBasedLinear only.");
        return check_step(
            "linear", routing.time_based_linear->linear_percentage, routing.time_based_linear->linear_interval
        );
    }
    if (type.empty()) return invalid_routing("The type of the traffic routing configuration is required.");
    if (routing.time_based_canary || routing.time_based_linear)
        return invalid_routing("An AllAtOnce configuration has neither timeBasedCanary nor timeBasedLinear.");
    return {};
}

Result<> check_hosts(const std::optional<MinimumHealthyHosts>& hosts) {
    const auto invalid = [](std::string message) {
        return refuse("InvalidMinimumHealthyHostValueException", std::move(message));
    };
    if (!hosts || !hosts->type || !hosts->value)
        return invalid("The minimum healthy hosts are required for the compute platform Server.");
    if (*hosts->value < 0) return invalid("The minimum healthy instance value must not be negative.");
    if (*hosts->type == "FLEET_PERCENT" && *hosts->value > 99)
        return invalid("The minimum healthy instance value must be below 100 percent.");
    return {};
}

}  // namespace

std::optional<DeploymentConfigInfo> find_deployment_config(
    const state::View& view, std::string_view scope, const std::string& name
) {
    for (std::size_t i = 0; i < kPredefined.size(); ++i) {
        if (name.starts_with(kPrefix) && name.substr(kPrefix.size()) == kPredefined[i].name)
            return show(kPredefined[i], i);
    }
    const auto found = view.get<DeploymentConfigRecord>(std::string(scope) + name);
    if (!found) return std::nullopt;
    DeploymentConfigInfo info = found->info;
    info.deployment_config_name = found->name;
    info.create_time = shapes::Timestamp{found->created_at.ms};
    return info;
}

TrafficShift traffic_shift(const DeploymentConfigInfo& config) {
    TrafficShift shift;
    if (!config.traffic_routing_config) return shift;
    if (const auto& canary = config.traffic_routing_config->time_based_canary)
        return {*canary->canary_percentage, *canary->canary_interval, true};
    if (const auto& linear = config.traffic_routing_config->time_based_linear)
        return {*linear->linear_percentage, *linear->linear_interval, false};
    return shift;
}

Result<CreateDeploymentConfigResponse> create_deployment_config(
    Txn& txn, const CreateDeploymentConfigRequest& request, const Caller& caller
) {
    const auto& name = request.deployment_config_name;
    TRY_VOID(check_name(name, "InvalidDeploymentConfigNameException", "deployment configuration"));
    if (name.starts_with(kPrefix)) {
        return refuse(
            "InvalidDeploymentConfigNameException",
            "Deployment configuration names that start with " + std::string(kPrefix) + " are reserved."
        );
    }
    if (txn.get<DeploymentConfigRecord>(caller.scope() + name)) {
        return refuse(
            "DeploymentConfigAlreadyExistsException",
            "Deployment configuration already exists with name: " + name
        );
    }
    DeploymentConfigRecord config;
    config.scope = caller.scope();
    config.name = name;
    config.info.compute_platform = request.compute_platform.value_or("Server");
    if (*config.info.compute_platform == "Server") {
        if (request.traffic_routing_config)
            return invalid_routing("The compute platform Server has no traffic routing configuration.");
        TRY_VOID(check_hosts(request.minimum_healthy_hosts));
        config.info.minimum_healthy_hosts = request.minimum_healthy_hosts;
        config.info.zonal_config = request.zonal_config;
    } else {
        if (request.minimum_healthy_hosts) {
            return refuse(
                "InvalidMinimumHealthyHostValueException",
                "Minimum healthy hosts are there for the compute platform Server only."
            );
        }
        if (request.zonal_config) {
            return refuse(
                "InvalidZonalDeploymentConfigurationException",
                "A zonal configuration is there for the compute platform Server only."
            );
        }
        if (!request.traffic_routing_config)
            return invalid_routing("The traffic routing configuration is required.");
        TRY_VOID(check_routing(*request.traffic_routing_config));
        config.info.traffic_routing_config = request.traffic_routing_config;
    }
    if (txn.list<DeploymentConfigRecord>(config.scope).size() >= kConfigs) {
        return refuse(
            "DeploymentConfigLimitExceededException",
            "The maximum number of deployment configurations (" + std::to_string(kConfigs) +
                ") has been reached."
        );
    }
    config.info.deployment_config_id = txn.chance().uuid();
    config.created_at = txn.now();
    CreateDeploymentConfigResponse response{config.info.deployment_config_id};
    txn.put(std::move(config));
    return response;
}

Result<GetDeploymentConfigResponse> get_deployment_config(
    Txn& txn, const GetDeploymentConfigRequest& request, const Caller& caller
) {
    auto info = find_deployment_config(txn, caller.scope(), request.deployment_config_name);
    if (!info) {
        return refuse(
            "DeploymentConfigDoesNotExistException",
            "No deployment configuration found for name: " + request.deployment_config_name
        );
    }
    return GetDeploymentConfigResponse{std::move(info)};
}

Result<ListDeploymentConfigsResponse> list_deployment_configs(
    Txn& txn, const ListDeploymentConfigsRequest& request, const Caller& caller
) {
    ListDeploymentConfigsResponse response;
    std::vector<std::string> names;
    for (const auto& config : kPredefined) names.push_back(std::string(kPrefix) + config.name);
    for (const auto& config : txn.list<DeploymentConfigRecord>(caller.scope())) names.push_back(config->name);
    TRY(response.next_token, cut_page(names, request.next_token));
    response.deployment_configs_list = std::move(names);
    return response;
}

// Deleting what is not there succeeds, as on AWS.
Result<DeleteDeploymentConfigResponse> delete_deployment_config(
    Txn& txn, const DeleteDeploymentConfigRequest& request, const Caller& caller
) {
    const auto& name = request.deployment_config_name;
    if (name.starts_with(kPrefix)) {
        return refuse(
            "InvalidOperationException", "The predefined deployment configuration " + name + " cannot be deleted."
        );
    }
    const auto config = txn.get<DeploymentConfigRecord>(caller.scope() + name);
    if (!config) return DeleteDeploymentConfigResponse{};
    if (txn.count<DeploymentGroupsByConfig>(config->key()) > 0) {
        return refuse(
            "DeploymentConfigInUseException", "The deployment configuration " + name + " is still in use."
        );
    }
    txn.erase<DeploymentConfigRecord>(config->key());
    return DeleteDeploymentConfigResponse{};
}

}  // namespace gantry::codedeploy
