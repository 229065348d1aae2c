#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "ecs/admit_task_definition.h"

namespace gantry::ecs {

using namespace shapes::ecs;

namespace {

constexpr const char* kClient = "ClientException";

struct Ports {
    int first;
    int last;
    std::string protocol;
};

tl::unexpected<Error> invalid(const char* setting, const ContainerDefinition& container) {
    return refuse(
        kClient, std::string("Invalid '") + setting + "' setting for container '" + container.name.value_or("") + "'."
    );
}

bool port(int number) { return number >= 1 && number <= 65535; }

// "8000-8010"
std::optional<Ports> parse_range(std::string_view text, const std::string& protocol) {
    Ports range{0, 0, protocol};
    const char* end = text.data() + text.size();
    const auto [dash, bad_first] = std::from_chars(text.data(), end, range.first);
    if (bad_first != std::errc() || dash == end || *dash != '-') return std::nullopt;
    const auto [rest, bad_last] = std::from_chars(dash + 1, end, range.last);
    if (bad_last != std::errc() || rest != end) return std::nullopt;
    if (!port(range.first) || !port(range.last) || range.first > range.last) return std::nullopt;
    return range;
}

// Up to 64 lowercase letters, digits, underscores and hyphens, a hyphen not first: what PortMapping documents.
bool mapping_name(std::string_view name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return name.size() <= 64 && name.front() != '-' && std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace

Result<void> admit_ports(TaskDefinition& definition) {
    const std::string mode = definition.network_mode.value_or("bridge");
    const bool own_ports = mode == "awsvpc" || mode == "host";
    std::vector<Ports> taken;
    std::set<std::string> names;
    const auto take = [&](Ports wanted) {
        const auto clashes = [&](const Ports& other) {
            return other.protocol == wanted.protocol && wanted.first <= other.last && other.first <= wanted.last;
        };
        if (std::any_of(taken.begin(), taken.end(), clashes)) return false;
        taken.push_back(std::move(wanted));
        return true;
    };
    for (auto& container : *definition.container_definitions) {
        for (auto& mapping : *container.port_mappings) {
            if (mode == "none")
                return refuse(kClient, "Port mappings are not supported on container when networkMode=none");
            if (!mapping.protocol) mapping.protocol = "tcp";
            if (mapping.name && !mapping.name->empty()) {
                if (!mapping_name(*mapping.name)) return invalid("name", container);
                if (!names.insert(*mapping.name).second)
                    return refuse(kClient, "Port mapping names must be unique within a task definition.");
            }
            if (mapping.container_port_range) {
                if (mapping.container_port || mapping.host_port)
                    return refuse(kClient, "cannot specify both single port and port range");
                auto range = parse_range(*mapping.container_port_range, *mapping.protocol);
                if (!range) return invalid("containerPortRange", container);
                if (own_ports && !take(*std::move(range))) {
                    return refuse(
                        kClient, "The port range " + *mapping.container_port_range + "/" + *mapping.protocol +
                                     " overlaps another port mapping of the task definition."
                    );
                }
                continue;
            }
            if (!mapping.container_port || !port(*mapping.container_port))
                return invalid("containerPort", container);
            if (!mapping.host_port) mapping.host_port = own_ports ? *mapping.container_port : 0;
            // terraform sends 0 for "not said".
            if (own_ports && *mapping.host_port == 0) mapping.host_port = *mapping.container_port;
            if (*mapping.host_port != 0 && !port(*mapping.host_port)) return invalid("hostPort", container);
            if (own_ports && *mapping.host_port != *mapping.container_port) {
                return refuse(
                    kClient, "When networkMode=" + mode +
                                 ", the host ports and container ports in port mappings must match."
                );
            }
            if (*mapping.host_port != 0 && !take({*mapping.host_port, *mapping.host_port, *mapping.protocol})) {
                return refuse(
                    kClient, "Host port " + std::to_string(*mapping.host_port) + "/" + *mapping.protocol +
                                 " is used by more than one port mapping of the task definition."
                );
            }
        }
    }
    return {};
}

}  // namespace gantry::ecs
