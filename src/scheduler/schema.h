#pragma once

#include <memory>
#include <vector>

#include "operation/controller.h"
#include "state/schema.h"

namespace gantry::scheduler {

// Adds this folder's tables.
void declare(state::Schema& schema);

std::vector<std::shared_ptr<const Controller>> controllers();

}  // namespace gantry::scheduler
