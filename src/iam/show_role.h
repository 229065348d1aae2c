#pragma once

#include "iam/role.h"
#include "shapes/iam/shapes.h"

namespace gantry::iam {

// As GetRole shows it, with its trust document encoded and its tags.
shapes::iam::Role show(const RoleRecord& role);

}  // namespace gantry::iam
