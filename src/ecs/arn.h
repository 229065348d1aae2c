#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gantry::ecs {

// "arn:PARTITION:ecs:REGION:ACCOUNT:RESOURCE". The parts point into the text that was parsed.
struct Arn {
    std::string_view region;
    std::string_view account;
    std::string_view resource;  // "task/CLUSTER/ID"
};
// Absent unless it is an ARN of ECS.
std::optional<Arn> parse_arn(std::string_view text);

}  // namespace gantry::ecs
