#include "codedeploy/schema.h"

#include "codedeploy/application.h"
#include "codedeploy/deployment.h"
#include "codedeploy/deployment_config.h"
#include "codedeploy/deployment_group.h"
#include "codedeploy/revision.h"

namespace gantry::codedeploy {

void declare(state::Schema& schema) {
    schema.add_table<ApplicationRecord>();
    schema.add_index<ApplicationById>();
    schema.add_table<DeploymentConfigRecord>();
    schema.add_table<DeploymentGroupRecord>();
    schema.add_index<DeploymentGroupByName>();
    schema.add_index<DeploymentGroupsByService>();
    schema.add_index<DeploymentGroupsByConfig>();
    schema.add_table<RevisionRecord>();
    schema.add_table<DeploymentRecord>();
    schema.add_index<DeploymentsByGroup>();
    schema.add_index<DeploymentsActive>();
}

}  // namespace gantry::codedeploy
