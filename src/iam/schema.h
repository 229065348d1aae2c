#pragma once

#include "state/schema.h"

namespace gantry::iam {

// Adds this folder's tables and indexes.
void declare(state::Schema& schema);

}  // namespace gantry::iam
