#include "eventbus/target_arn.h"

#include <array>
#include <string_view>

namespace gantry::eventbus {

std::optional<TargetPlace> parse_target_arn(const std::string& arn) {
    std::string_view rest = arn;
    std::array<std::string_view, 5> parts;  // arn, partition, service, region, account
    for (auto& part : parts) {
        const auto colon = rest.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        part = rest.substr(0, colon);
        rest.remove_prefix(colon + 1);
    }
    if (parts[0] != "arn" || !parts[1].starts_with("aws") || parts[2].empty() || rest.empty()) return std::nullopt;
    TargetPlace place;
    place.region = parts[3];
    place.account = parts[4];
    constexpr std::string_view cluster = "cluster/", group = "log-group:";
    if (parts[2] == "ecs" && rest.starts_with(cluster)) {
        place.kind = TargetPlace::Kind::ecs_cluster;
        place.name = rest.substr(cluster.size());
    } else if (parts[2] == "logs" && rest.starts_with(group)) {
        place.kind = TargetPlace::Kind::log_group;
        if (rest.ends_with(":*")) rest.remove_suffix(2);
        place.name = rest.substr(group.size());
    }
    return place;
}

}  // namespace gantry::eventbus
