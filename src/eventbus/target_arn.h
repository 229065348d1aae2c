#pragma once

#include <optional>
#include <string>

namespace gantry::eventbus {

// Where a target is, by its ARN.
struct TargetPlace {
    enum class Kind { ecs_cluster, log_group, other };
    Kind kind = Kind::other;
    std::string account;
    std::string region;
    std::string name;  // of the cluster or log group
};

// Absent: no ARN. A log group's may end in ":*".
std::optional<TargetPlace> parse_target_arn(const std::string& arn);

}  // namespace gantry::eventbus
