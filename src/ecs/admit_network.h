#pragma once

#include <optional>
#include <string>
#include <vector>

#include "operation/caller.h"
#include "shapes/ecs/shapes.h"
#include "state/view.h"

namespace gantry::ecs {

// The network of a task or service in awsvpc mode, checked: all of one VPC.
struct Network {
    std::string vpc;
    std::vector<std::string> subnets;
    std::vector<std::string> security_groups;   // as sent
    std::vector<std::string> interface_groups;  // the VPC's default group where none was sent
    bool assign_public_ip = false;
};

// InvalidParameterException in AWS's words when it is missing, too long, or names what does not exist.
Result<Network> admit_network(
    const state::View& view,
    const std::optional<shapes::ecs::NetworkConfiguration>& network,
    const Caller& caller
);

}  // namespace gantry::ecs
