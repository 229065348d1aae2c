#include "ecs/controllers.h"

#include "ecs/retention_controller.h"
#include "ecs/service_controller.h"
#include "ecs/task_controller.h"
#include "ecs/worker_controller.h"

namespace gantry::ecs {

std::vector<std::unique_ptr<Controller>> controllers() {
    std::vector<std::unique_ptr<Controller>> all;
    all.push_back(std::make_unique<ServiceController>());
    all.push_back(std::make_unique<TaskController>());
    all.push_back(std::make_unique<WorkerController>());
    all.push_back(std::make_unique<RetentionController>());
    return all;
}

}  // namespace gantry::ecs
