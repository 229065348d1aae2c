#pragma once

#include <memory>
#include <vector>

#include "operation/controller.h"

namespace gantry::codedeploy {

// All controllers of this folder.
std::vector<std::shared_ptr<const Controller>> controllers();

}  // namespace gantry::codedeploy
