#pragma once

#include "link/desired_container.h"
#include "shapes/ecs/shapes.h"

namespace gantry::ecs {

// A container of a definition with RunTask's override of it (or null) in the words of the link. The ARN is
// the caller's to add.
link::DesiredContainer container_spec(
    const shapes::ecs::ContainerDefinition& definition, const shapes::ecs::ContainerOverride* changed
);

}  // namespace gantry::ecs
