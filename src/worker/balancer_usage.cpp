#include "worker/balancer_usage.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace gantry::worker {
namespace {

struct Place {
    std::string balancer, zone;
};

std::map<std::string, Place> places(const BalancerObjects& objects) {
    std::map<std::string, Place> all;
    for (const auto& [id, balancer] : objects.balancers) {
        if (balancer.type != "network") continue;
        for (const auto& address : balancer.addresses) all[address.address] = {id, address.zone};
        const auto lowest = std::ranges::min_element(balancer.addresses, {}, &link::BalancerAddress::address);
        if (lowest != balancer.addresses.end() && !balancer.host_address.empty())
            all[balancer.host_address] = {id, lowest->zone};
    }
    return all;
}

std::string zone_of(const BalancerObjects& objects, const port::HttpServerTraffic& server) {
    const auto group = objects.groups.find(server.group);
    if (group == objects.groups.end()) return "";
    const auto& targets = group->second.targets;
    const auto target = std::ranges::find_if(targets, [&](const auto& one) {
        return one.address == server.address && one.port == server.port;
    });
    return target == targets.end() ? "" : target->zone;
}

std::vector<std::uint64_t> listed(const std::array<std::uint64_t, 5>& answers) {
    if (std::ranges::all_of(answers, [](auto one) { return one == 0; })) return {};
    return {answers.begin(), answers.end()};
}

}  // namespace

std::vector<link::FlowUsage> flow_usage(
    const BalancerObjects& objects, const std::vector<port::EntranceTraffic>& carried
) {
    const auto where = places(objects);
    std::map<std::tuple<std::string, std::string, std::string>, link::FlowUsage> all;
    for (const auto& one : carried) {
        const auto place = where.find(one.address);
        if (place == where.end()) continue;
        const auto& [balancer, zone] = place->second;
        auto& usage = all[{balancer, zone, one.protocol}];
        usage.balancer = balancer;
        usage.zone = zone;
        usage.protocol = one.protocol;
        usage.open_flows += one.open_flows;
        usage.new_flows += one.new_flows;
        usage.packets += one.packets;
        usage.bytes += one.bytes;
        usage.target_resets += one.target_resets;
        usage.client_resets += one.client_resets;
    }
    std::vector<link::FlowUsage> out;
    for (auto& [key, usage] : all) out.push_back(std::move(usage));
    return out;
}

void add_http_usage(const BalancerObjects& objects, const port::HttpTraffic& traffic, link::Usage& usage) {
    for (const auto& one : traffic.clients) {
        auto own = listed(one.own_answers);
        if (one.open_connections == 0 && one.new_connections == 0 && one.bytes == 0 && own.empty()) continue;
        usage.clients.push_back(
            {one.balancer, one.open_connections, one.new_connections, one.bytes, std::move(own)}
        );
    }
    for (const auto& one : traffic.servers) {
        auto answers = listed(one.answers);
        if (one.open_connections == 0 && one.new_connections == 0 && answers.empty()) continue;
        const double response_ms = answers.empty() ? 0 : one.response_ms;
        usage.targets.push_back(
            {one.balancer, one.group, zone_of(objects, one), one.open_connections, one.new_connections,
             std::move(answers), response_ms}
        );
    }
}

}  // namespace gantry::worker
