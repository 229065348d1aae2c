#pragma once

#include <string>
#include <utility>

#include "shapes/ecs/shapes.h"

namespace gantry::ecs {

// An entry of an answer's `failures` list.
inline shapes::ecs::Failure failure(std::string arn, std::string reason, std::string detail = {}) {
    shapes::ecs::Failure entry;
    if (!arn.empty()) entry.arn = std::move(arn);
    entry.reason = std::move(reason);
    if (!detail.empty()) entry.detail = std::move(detail);
    return entry;
}

}  // namespace gantry::ecs
