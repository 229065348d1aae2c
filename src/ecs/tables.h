#pragma once

#include "state/schema.h"

namespace gantry::ecs {

// Adds this folder's tables and indexes. ec2's must be there for its controllers.
void declare_tables(state::Schema& schema);

}  // namespace gantry::ecs
