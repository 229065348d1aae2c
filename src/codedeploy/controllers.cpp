#include "codedeploy/controllers.h"

#include "codedeploy/deployment_controller.h"

namespace gantry::codedeploy {

std::vector<std::shared_ptr<const Controller>> controllers() {
    return {std::make_shared<DeploymentController>()};
}

}  // namespace gantry::codedeploy
