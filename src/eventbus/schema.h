#pragma once

#include "state/schema.h"

namespace gantry::eventbus {

// Adds this folder's tables and indexes.
void declare(state::Schema& schema);

}  // namespace gantry::eventbus
