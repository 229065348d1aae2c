#include "worker/task_files.h"

namespace gantry::worker {
namespace {

// What AWS's VPC resolver has as its default domain.
std::string vpc_domain(const std::string& region) {
    return region == "us-east-1" ? "ec2.internal" : region + ".compute.internal";
}

std::string own_name(const link::DesiredTask& task, const link::DesiredContainer& container) {
    if (!container.hostname.empty()) return container.hostname;
    return task.eni.private_dns_name.empty() ? task.id.substr(0, 12) : task.eni.private_dns_name;
}

}  // namespace

std::string hosts_text(const link::DesiredTask& task, const link::DesiredContainer& container) {
    std::string text = "127.0.0.1 localhost\n";
    const std::string name = own_name(task, container);
    if (task.eni.address.empty())
        text += "127.0.0.1 " + name + "\n";
    else
        text += task.eni.address + " " + name + "\n";
    for (const auto& entry : container.extra_hosts) text += entry.ip_address + " " + entry.hostname + "\n";
    return text;
}

std::string resolv_conf_text(
    const link::DesiredTask& task,
    const link::DesiredContainer& container,
    const TaskSurroundings& surroundings
) {
    std::string text;
    if (container.dns_search_domains.empty()) {
        text = "search " + vpc_domain(task.region) + "\n";
    } else {
        text = "search";
        for (const auto& domain : container.dns_search_domains) text += " " + domain;
        text += "\n";
    }
    if (container.dns_servers.empty()) text += "nameserver " + surroundings.resolver + "\n";
    for (const auto& server : container.dns_servers) text += "nameserver " + server + "\n";
    return text;
}

std::string hostname_text(const link::DesiredTask& task, const link::DesiredContainer& container) {
    return own_name(task, container) + "\n";
}

}  // namespace gantry::worker
