#include "elbv2/arn.h"

#include <vector>

namespace gantry::elbv2 {
namespace {

std::vector<std::string> split(std::string_view text, char at, std::size_t most) {
    std::vector<std::string> parts;
    while (parts.size() + 1 < most) {
        const auto end = text.find(at);
        if (end == std::string_view::npos) break;
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    parts.emplace_back(text);
    return parts;
}

std::string_view partition_of(std::string_view region) {
    if (region.starts_with("cn-")) return "aws-cn";
    if (region.starts_with("us-gov-")) return "aws-us-gov";
    return "aws";
}

}  // namespace

std::string arn_of(std::string_view account, std::string_view region, std::string_view resource) {
    std::string arn = "arn:";
    arn.append(partition_of(region)).append(":elasticloadbalancing:").append(region).append(":");
    return arn.append(account).append(":").append(resource);
}

std::optional<ArnParts> parse_arn(std::string_view arn) {
    using Kind = ArnParts::Kind;
    const auto fields = split(arn, ':', 6);
    if (fields.size() != 6 || fields[0] != "arn" || fields[2] != "elasticloadbalancing") return {};
    ArnParts parts;
    parts.region = fields[3];
    parts.account = fields[4];
    if (fields[1] != partition_of(parts.region)) return {};
    const auto path = split(fields[5], '/', 7);
    for (const auto& step : path) {
        if (step.empty() || step.find('/') != std::string::npos) return {};
    }
    if (path[0] == "targetgroup") {
        if (path.size() != 3) return {};
        parts.kind = Kind::target_group;
        parts.name = path[1];
        parts.id = path[2];
        return parts;
    }
    std::size_t length = 0;
    if (path[0] == "loadbalancer") {
        parts.kind = Kind::load_balancer;
        length = 4;
    } else if (path[0] == "listener") {
        parts.kind = Kind::listener;
        length = 5;
    } else if (path[0] == "listener-rule") {
        parts.kind = Kind::rule;
        length = 6;
    }
    if (length == 0 || path.size() != length || (path[1] != "net" && path[1] != "app")) return {};
    parts.type = path[1];
    parts.name = path[2];
    parts.id = path[3];
    if (length > 4) parts.listener = path[4];
    if (length > 5) parts.rule = path[5];
    return parts;
}

std::optional<ArnParts> parse_arn(std::string_view arn, ArnParts::Kind kind) {
    auto parts = parse_arn(arn);
    if (parts && parts->kind != kind) parts.reset();
    return parts;
}

}  // namespace gantry::elbv2
