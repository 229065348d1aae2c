#pragma once

#include <memory>
#include <vector>

#include "operation/controller.h"
#include "state/schema.h"

namespace gantry::events {

// Adds this folder's tables and indexes.
void declare(state::Schema& schema);

// All controllers of this folder.
std::vector<std::shared_ptr<const Controller>> controllers();

}  // namespace gantry::events
