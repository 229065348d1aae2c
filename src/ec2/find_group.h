#pragma once

#include "ec2/resource.h"

namespace gantry::ec2 {

// By id, else by name in the default VPC, as the operations on rules allow.
Result<state::Pinned<SecurityGroupRecord>> find_group(
    const state::View& view,
    const Caller& caller,
    const std::optional<std::string>& id,
    const std::optional<std::string>& name
);

}  // namespace gantry::ec2
