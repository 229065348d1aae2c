#include "ecs/scope.h"

#include <algorithm>

namespace gantry::ecs {

std::string_view account_of(std::string_view scope) { return scope.substr(0, scope.find('/')); }

std::string_view region_of(std::string_view scope) {
    const auto start = scope.find('/') + 1;
    return scope.substr(start, scope.find('/', start) - start);
}

std::string arn_in(std::string_view scope, std::string_view resource) {
    const auto region = region_of(scope);
    std::string arn;
    arn.reserve(32 + scope.size() + resource.size());
    arn = "arn:aws";
    if (region.starts_with("cn-")) arn += "-cn";
    if (region.starts_with("us-gov-")) arn += "-us-gov";
    arn.append(":ecs:").append(region).append(":").append(account_of(scope)).append(":").append(resource);
    return arn;
}

std::string cluster_arn(std::string_view scope, std::string_view cluster) {
    return arn_in(scope, "cluster/" + std::string(cluster));
}

std::string service_arn(std::string_view scope, std::string_view cluster, std::string_view service) {
    return arn_in(scope, "service/" + std::string(cluster) + "/" + std::string(service));
}

std::string task_arn(std::string_view scope, std::string_view cluster, std::string_view id) {
    return arn_in(scope, "task/" + std::string(cluster) + "/" + std::string(id));
}

std::string container_arn(
    std::string_view scope, std::string_view cluster, std::string_view task, std::size_t container
) {
    return arn_in(
        scope, "container/" + std::string(cluster) + "/" + std::string(task) + "/" +
                   derived_uuid(task, 1 + container)
    );
}

std::string task_definition_arn(std::string_view scope, std::string_view family, int revision) {
    return arn_in(scope, "task-definition/" + std::string(family) + ":" + std::to_string(revision));
}

std::string capacity_provider_arn(std::string_view scope, std::string_view name) {
    return arn_in(scope, "capacity-provider/" + std::string(name));
}

std::string derived_uuid(std::string_view of, std::uint64_t number) {
    static constexpr char kDigits[] = "0123456789abcdef";
    // FNV-1a, then splitmix64 so that neighbouring numbers share nothing.
    std::uint64_t seed = 0xcbf29ce484222325ULL;
    for (const char c : of) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    seed += number * 0x9e3779b97f4a7c15ULL;
    const auto mix = [&seed] {
        std::uint64_t z = (seed += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    };
    std::string text(36, '-');
    std::uint64_t bits = 0;
    for (int i = 0, at = 0; i < 32; ++i, bits >>= 4) {
        if (i % 16 == 0) bits = mix();
        if (at == 8 || at == 13 || at == 18 || at == 23) ++at;
        text[at++] = kDigits[bits & 0xf];
    }
    text[14] = '4';
    text[19] = "89ab"[mix() & 3];
    return text;
}

std::string padded(std::int64_t number, int digits) {
    std::string text = std::to_string(number);
    if (static_cast<int>(text.size()) < digits) text.insert(0, digits - text.size(), '0');
    return text;
}

bool is_name(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace gantry::ecs
