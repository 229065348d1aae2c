#include "adapter/haproxy/slots.h"

#include <algorithm>
#include <set>

namespace gantry::adapter::haproxy {
namespace {

constexpr std::size_t least_slots = 8;

std::vector<Slot> place(std::vector<Slot> slots, const std::vector<port::HttpServer>& servers) {
    std::set<std::pair<std::string, int>> placed;
    for (auto& slot : slots) {
        const auto found = std::find_if(servers.begin(), servers.end(), [&](const auto& server) {
            return server.address == slot.address && server.port == slot.port;
        });
        if (found == servers.end()) {
            slot = {};
        } else {
            slot.draining = found->draining;
            placed.insert({slot.address, slot.port});
        }
    }
    std::size_t wanted = std::max(slots.size(), least_slots);
    if (servers.size() > wanted) wanted = servers.size() * 2;
    slots.resize(wanted);
    auto free = slots.begin();
    for (const auto& server : servers) {
        if (!placed.insert({server.address, server.port}).second) continue;
        free = std::find_if(free, slots.end(), [](const Slot& slot) { return slot.address.empty(); });
        *free = {server.address, server.port, server.draining};
    }
    return slots;
}

}  // namespace

std::string port_key(const std::string& balancer, const std::string& listener) {
    return balancer + " " + listener;
}

Result<Assignment> assign(
    const Assignment& before, const port::HttpBalancerState& state, int first_port, int last_port
) {
    Assignment after;
    for (const auto& pool : state.pools) {
        const auto found = before.slots.find(pool.group);
        after.slots[pool.group] =
            place(found == before.slots.end() ? std::vector<Slot>{} : found->second, pool.servers);
    }
    std::set<int> taken;
    std::vector<std::string> without;
    for (const auto& balancer : state.balancers) {
        for (const auto& listener : balancer.listeners) {
            const auto key = port_key(balancer.id, listener.id);
            const auto found = before.ports.find(key);
            if (found == before.ports.end()) {
                without.push_back(key);
            } else {
                after.ports[key] = found->second;
                taken.insert(found->second);
            }
        }
    }
    int next = first_port;
    for (const auto& key : without) {
        while (taken.contains(next)) ++next;
        if (next > last_port) return trouble(Errc::exhausted, "no port is left for the listener " + key);
        after.ports[key] = next++;
    }
    return after;
}

}  // namespace gantry::adapter::haproxy
