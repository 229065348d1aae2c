#pragma once

#include <boost/describe.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/result.h"
#include "shapes/ecs/shapes.h"
#include "shapes/record_codec.h"

namespace gantry::codedeploy {

// What is to be deployed. Whether its task definition, container and port exist ECS says when the task set is
// made.
struct AppSpec {
    std::string task_definition;  // family, family:revision or ARN
    std::string container;
    int port = 0;
    // Left out (empty): as the service's tasks have it.
    std::string platform_version;
    std::optional<shapes::ecs::NetworkConfiguration> network;
    std::vector<shapes::ecs::CapacityProviderStrategyItem> strategy;
    // Lifecycle event → function. Here it is the family of a task definition; of a function's ARN its name.
    std::map<std::string, std::string> hooks;
};
BOOST_DESCRIBE_STRUCT(
    AppSpec, (), (task_definition, container, port, platform_version, network, strategy, hooks)
)

inline constexpr std::size_t kAppSpecMax = 100 * 1024;

// JSON or YAML; keys in any case, as CodeDeploy reads them. InvalidRevisionException says what is wrong.
Result<AppSpec> parse_app_spec(std::string_view content);

}  // namespace gantry::codedeploy
