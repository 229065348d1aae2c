#pragma once

#include <vector>

#include "base/result.h"
#include "shapes/elbv2/shapes.h"

namespace gantry::elbv2 {

// Checks a rule's conditions and completes them as AWS shows them: values of host-header and path-pattern stand
// in Values and in the field's own configuration.
Result<std::vector<shapes::elbv2::RuleCondition>> admit_conditions(
    std::vector<shapes::elbv2::RuleCondition> conditions
);

}  // namespace gantry::elbv2
