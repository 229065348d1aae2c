#include "ecs/publishers.h"

#include "ec2/worker_network.h"
#include "ecs/task_publisher.h"

namespace gantry::ecs {

std::vector<std::unique_ptr<Publisher>> publishers() {
    std::vector<std::unique_ptr<Publisher>> all;
    // What a task stands on comes before it.
    all.push_back(std::make_unique<ec2::VpcPublisher>());
    all.push_back(std::make_unique<ec2::SecurityGroupPublisher>());
    all.push_back(std::make_unique<ec2::EniPublisher>());
    all.push_back(std::make_unique<TaskPublisher>());
    return all;
}

}  // namespace gantry::ecs
