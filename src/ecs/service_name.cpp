#include "ecs/service_name.h"

#include "ecs/arn.h"

namespace gantry::ecs {

namespace {

constexpr const char* kInvalid = "InvalidParameterException";

tl::unexpected<Error> invalid(std::string_view text) {
    return refuse(kInvalid, "Invalid identifier: " + std::string(text));
}

}  // namespace

Result<std::string> service_name(
    std::string_view given, const std::string& cluster, const Caller& caller
) {
    if (!given.starts_with("arn:")) {
        if (!is_name(given)) return invalid(given);
        return std::string(given);
    }
    const auto arn = parse_arn(given);
    if (!arn || !arn->resource.starts_with("service/")) return invalid(given);
    auto name = arn->resource.substr(8);
    bool elsewhere = arn->account != caller.account || arn->region != caller.region;
    // ARNs of old have no cluster in them.
    if (const auto slash = name.find('/'); slash != std::string_view::npos) {
        elsewhere = elsewhere || name.substr(0, slash) != cluster;
        name.remove_prefix(slash + 1);
    }
    if (!is_name(name)) return invalid(given);
    return elsewhere ? std::string("/elsewhere") : std::string(name);
}

Result<state::Pinned<ServiceRecord>> find_service(
    const state::View& view, std::string_view given, const std::string& cluster, const Caller& caller
) {
    TRY(const auto name, service_name(given, cluster, caller));
    auto service = view.get<ServiceRecord>(ServiceRecord::key(caller.scope(), cluster, name));
    if (!service) return refuse("ServiceNotFoundException", "Service not found.");
    return service;
}

Result<ServicePartName> service_part(
    const state::View& view, const std::string& text, std::string_view kind, const Caller& caller
) {
    const auto arn = parse_arn(text);
    const std::string start = std::string(kind) + "/";
    if (!arn || !arn->resource.starts_with(start)) return invalid(text);
    auto rest = arn->resource.substr(start.size());
    const auto first = rest.find('/');
    const auto second = first == std::string_view::npos ? first : rest.find('/', first + 1);
    if (second == std::string_view::npos || second + 1 == rest.size()) return invalid(text);
    ServicePartName part;
    part.id = rest.substr(second + 1);
    if (arn->account != caller.account || arn->region != caller.region) return part;
    const auto name = rest.substr(first + 1, second - first - 1);
    part.service =
        view.get<ServiceRecord>(ServiceRecord::key(caller.scope(), rest.substr(0, first), name));
    return part;
}

}  // namespace gantry::ecs
