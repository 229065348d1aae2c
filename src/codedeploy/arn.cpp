#include "codedeploy/arn.h"

#include <vector>

#include "ecs/scope.h"

namespace gantry::codedeploy {

std::string arn_in(std::string_view scope, std::string_view resource) {
    // ecs knows the partitions.
    std::string arn = ecs::arn_in(scope, resource);
    return arn.replace(arn.find(":ecs:"), 5, ":codedeploy:");
}

std::optional<ArnParts> parse_arn(std::string_view arn) {
    std::vector<std::string_view> parts;
    while (parts.size() < 6) {
        const auto colon = arn.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        parts.push_back(arn.substr(0, colon));
        arn.remove_prefix(colon + 1);
    }
    if (parts[0] != "arn" || !parts[1].starts_with("aws") || parts[2] != "codedeploy" || arn.empty())
        return std::nullopt;
    return ArnParts{
        std::string(parts[4]) + "/" + std::string(parts[3]) + "/", std::string(parts[5]), std::string(arn)
    };
}

}  // namespace gantry::codedeploy
