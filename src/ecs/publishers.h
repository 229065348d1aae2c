#pragma once

#include <memory>
#include <vector>

#include "operation/publisher.h"

namespace gantry::ecs {

// What workers must know: their tasks, and of the network what those need. Kinds "task", "vpc", "eni",
// "security_group".
std::vector<std::unique_ptr<Publisher>> publishers();

}  // namespace gantry::ecs
