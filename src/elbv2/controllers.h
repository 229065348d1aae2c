#pragma once

#include <memory>
#include <vector>

#include "operation/controller.h"

namespace gantry::elbv2 {

std::vector<std::shared_ptr<const Controller>> controllers();

}  // namespace gantry::elbv2
