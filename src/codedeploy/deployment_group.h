#pragma once

#include <boost/describe.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "codedeploy/application.h"
#include "shapes/codedeploy/shapes.h"
#include "shapes/record_codec.h"
#include "state/schema.h"
#include "state/view.h"

namespace gantry::codedeploy {

// Which service is deployed how. `settings` is what GetDeploymentGroup shows of it: its defaults filled in,
// without the names, the target revision and the last deployments.
struct DeploymentGroupRecord {
    static constexpr state::TableInfo kTable{"codedeploy.deployment_group", 1};

    std::string scope;
    std::string application;  // its id
    std::string id;           // UUID
    std::string name;
    shapes::codedeploy::DeploymentGroupInfo settings;
    std::string service;  // the ecs service's record key
    Tags tags;

    // Ids of deployments; empty: none yet. `active`: the one that is under way, termination wait included.
    std::string active;
    std::string last_attempted;
    std::string last_successful;

    std::string parts() const { return scope + application + "/"; }
    std::string key() const { return parts() + id; }
};
BOOST_DESCRIBE_STRUCT(
    DeploymentGroupRecord,
    (),
    (scope, application, id, name, settings, service, tags, active, last_attempted, last_successful)
)

// By parts() and name.
struct DeploymentGroupByName {
    using Record = DeploymentGroupRecord;
    static void keys(const DeploymentGroupRecord& group, std::vector<std::string>& out) {
        out.push_back(group.parts() + group.name);
    }
};

// By the service's record key: a service has at most one group.
struct DeploymentGroupsByService {
    using Record = DeploymentGroupRecord;
    static void keys(const DeploymentGroupRecord& group, std::vector<std::string>& out) {
        out.push_back(group.service);
    }
};

// By scope and the name of the deployment configuration.
struct DeploymentGroupsByConfig {
    using Record = DeploymentGroupRecord;
    static constexpr bool kCounted = true;
    static void keys(const DeploymentGroupRecord& group, std::vector<std::string>& out) {
        out.push_back(group.scope + group.settings.deployment_config_name.value_or(""));
    }
};

// DeploymentGroupDoesNotExistException.
Result<state::Pinned<DeploymentGroupRecord>> find_deployment_group(
    const state::View& view, const ApplicationRecord& application, const std::string& name
);

// AWS's default quota of an application.
inline constexpr std::size_t kGroups = 1000;

}  // namespace gantry::codedeploy
