#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "shapes/codedeploy/shapes.h"
#include "shapes/record_codec.h"
#include "state/schema.h"
#include "state/view.h"

namespace gantry::codedeploy {

// A configuration that a user made. AWS's own ("CodeDeployDefault.…") are not records.
struct DeploymentConfigRecord {
    static constexpr state::TableInfo kTable{"codedeploy.deployment_config", 1};

    std::string scope;
    std::string name;
    // As GetDeploymentConfig shows it, without its name and time.
    shapes::codedeploy::DeploymentConfigInfo info;
    PolicyInstant created_at;

    std::string key() const { return scope + name; }
};
BOOST_DESCRIBE_STRUCT(DeploymentConfigRecord, (), (scope, name, info, created_at))

// As GetDeploymentConfig shows it: AWS's own or the account's. Absent: there is none of that name.
std::optional<shapes::codedeploy::DeploymentConfigInfo> find_deployment_config(
    const state::View& view, std::string_view scope, const std::string& name
);

// How a deployment moves production traffic. Times in minutes of policy time.
struct TrafficShift {
    // Percent that are moved at each step: 100 at once; canary: the first step, then all the rest.
    int percent = 100;
    int interval_minutes = 0;
    bool canary = false;
    bool at_once() const { return percent >= 100; }
    friend bool operator==(const TrafficShift&, const TrafficShift&) = default;
};
BOOST_DESCRIBE_STRUCT(TrafficShift, (), (percent, interval_minutes, canary))

TrafficShift traffic_shift(const shapes::codedeploy::DeploymentConfigInfo& config);

}  // namespace gantry::codedeploy
