#pragma once

#include "state/schema.h"

namespace gantry::ec2 {

// Adds this folder's tables and indexes.
void declare(state::Schema& schema);

}  // namespace gantry::ec2
