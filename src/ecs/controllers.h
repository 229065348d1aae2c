#pragma once

#include <memory>
#include <vector>

#include "operation/controller.h"

namespace gantry::ecs {

// All controllers of this folder.
std::vector<std::unique_ptr<Controller>> controllers();

}  // namespace gantry::ecs
