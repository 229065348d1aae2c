#pragma once

#include "state/schema.h"

namespace gantry::elbv2 {

// Adds this folder's tables and indexes.
void declare(state::Schema& schema);

}  // namespace gantry::elbv2
