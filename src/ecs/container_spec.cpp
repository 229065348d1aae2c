#include "ecs/container_spec.h"

#include <algorithm>

namespace gantry::ecs {

namespace {

using shapes::ecs::ContainerDefinition;
using shapes::ecs::ContainerOverride;

template <class List, class Fn>
void each(const std::optional<List>& list, Fn fn) {
    if (!list) return;
    for (const auto& item : *list) fn(item);
}

std::vector<std::string> texts(const std::optional<std::vector<std::string>>& list) {
    return list ? *list : std::vector<std::string>();
}

// Environment of the override over that of the definition, in order of first appearance.
std::vector<link::NameValue> environment_of(
    const ContainerDefinition& definition, const ContainerOverride* changed
) {
    std::vector<link::NameValue> all;
    const auto put = [&all](const shapes::ecs::KeyValuePair& pair) {
        const std::string name = pair.name.value_or("");
        const auto known =
            std::find_if(all.begin(), all.end(), [&](const auto& it) { return it.name == name; });
        if (known == all.end()) {
            all.push_back({name, pair.value.value_or("")});
        } else {
            known->value = pair.value.value_or("");
        }
    };
    each(definition.environment, put);
    if (changed != nullptr) each(changed->environment, put);
    return all;
}

link::LinuxParameters linux_of(const shapes::ecs::LinuxParameters& given) {
    link::LinuxParameters out;
    if (given.capabilities) {
        out.capabilities_add = texts(given.capabilities->add);
        out.capabilities_drop = texts(given.capabilities->drop);
    }
    out.init_process_enabled = given.init_process_enabled.value_or(false);
    each(given.devices, [&](const auto& device) {
        out.devices.push_back(
            {device.host_path, device.container_path.value_or(""), texts(device.permissions)}
        );
    });
    each(given.tmpfs, [&](const auto& mount) {
        out.tmpfs.push_back({mount.container_path, mount.size, texts(mount.mount_options)});
    });
    out.shared_memory_size_mib = given.shared_memory_size;
    out.max_swap_mib = given.max_swap;
    out.swappiness = given.swappiness;
    return out;
}

link::DependsCondition condition_of(const std::string& text) {
    auto condition = link::DependsCondition::START;
    boost::describe::enum_from_string(text.c_str(), condition);
    return condition;
}

void add_lists(const ContainerDefinition& definition, link::DesiredContainer& out) {
    each(definition.ulimits, [&](const auto& limit) {
        out.ulimits.push_back({limit.name, limit.soft_limit, limit.hard_limit});
    });
    each(definition.system_controls, [&](const auto& control) {
        out.system_controls[control.namespace_.value_or("")] = control.value.value_or("");
    });
    each(definition.extra_hosts, [&](const auto& host) {
        out.extra_hosts.push_back({host.hostname, host.ip_address});
    });
    each(definition.depends_on, [&](const auto& dependency) {
        out.depends_on.push_back({dependency.container_name, condition_of(dependency.condition)});
    });
    each(definition.mount_points, [&](const auto& mount) {
        out.mount_points.push_back(
            {mount.source_volume.value_or(""), mount.container_path.value_or(""),
             mount.read_only.value_or(false)}
        );
    });
    each(definition.volumes_from, [&](const auto& from) {
        out.volumes_from.push_back({from.source_container.value_or(""), from.read_only.value_or(false)});
    });
    each(definition.port_mappings, [&](const auto& mapping) {
        if (!mapping.container_port) return;
        out.port_mappings.push_back(
            {*mapping.container_port, mapping.host_port.value_or(0), mapping.protocol.value_or("tcp"),
             mapping.name.value_or("")}
        );
    });
}

}  // namespace

link::DesiredContainer container_spec(
    const ContainerDefinition& definition, const ContainerOverride* changed
) {
    link::DesiredContainer out;
    out.name = definition.name.value_or("");
    out.image = definition.image.value_or("");
    out.essential = definition.essential.value_or(true);
    // An empty list says nothing: the image's own stays.
    if (definition.entry_point && !definition.entry_point->empty()) out.entry_point = definition.entry_point;
    if (definition.command && !definition.command->empty()) out.command = definition.command;
    if (changed != nullptr && changed->command && !changed->command->empty()) out.command = changed->command;
    out.environment = environment_of(definition, changed);
    out.user = definition.user.value_or("");
    out.working_directory = definition.working_directory.value_or("");
    out.readonly_root_filesystem = definition.readonly_root_filesystem.value_or(false);
    out.privileged = definition.privileged.value_or(false);
    out.interactive = definition.interactive.value_or(false);
    out.pseudo_terminal = definition.pseudo_terminal.value_or(false);
    if (definition.linux_parameters) out.linux_parameters = linux_of(*definition.linux_parameters);
    if (definition.docker_labels) out.docker_labels = *definition.docker_labels;
    out.hostname = definition.hostname.value_or("");
    out.dns_servers = texts(definition.dns_servers);
    out.dns_search_domains = texts(definition.dns_search_domains);
    if (const auto& check = definition.health_check) {
        out.health_check = link::HealthCheck{
            check->command, check->interval, check->timeout, check->retries, check->start_period
        };
    }
    out.start_timeout_s = definition.start_timeout;
    out.stop_timeout_s = definition.stop_timeout;
    if (const auto& policy = definition.restart_policy) {
        out.restart_policy.enabled = policy->enabled;
        if (policy->ignored_exit_codes)
            out.restart_policy.ignored_exit_codes.assign(
                policy->ignored_exit_codes->begin(), policy->ignored_exit_codes->end()
            );
        if (policy->restart_attempt_period)
            out.restart_policy.restart_attempt_period_s = *policy->restart_attempt_period;
    }
    if (const auto& log = definition.log_configuration) {
        out.log.driver = log->log_driver;
        if (log->options) out.log.options = *log->options;
    }
    const auto pick = [&](auto member_of_override, auto member_of_definition) {
        if (changed != nullptr && changed->*member_of_override) return *(changed->*member_of_override);
        return (definition.*member_of_definition).value_or(0);
    };
    out.cpu_units = pick(&ContainerOverride::cpu, &ContainerDefinition::cpu);
    out.memory_mib = pick(&ContainerOverride::memory, &ContainerDefinition::memory);
    out.memory_reservation_mib =
        pick(&ContainerOverride::memory_reservation, &ContainerDefinition::memory_reservation);
    add_lists(definition, out);
    return out;
}

}  // namespace gantry::ecs
