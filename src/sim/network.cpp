#include "sim/network.h"

#include <algorithm>
#include <map>
#include <utility>

namespace gantry::sim {
namespace {

std::string flow_name(const port::FlowEnd& end) {
    return end.address + ":" + std::to_string(end.port) + "/" + end.protocol;
}

// Nobody else is on the pretended host: a port of localhost is taken only by another balancer.
std::vector<port::LocalhostPort> taken_ports(const port::NetworkState& policy) {
    std::map<std::pair<std::string, std::uint16_t>, std::string> owners;
    for (const auto& host : policy.host_balancers) {
        for (const auto& listener : host.listeners) {
            if (!host.localhost) continue;
            auto& owner = owners.try_emplace({listener.protocol, listener.port}, host.balancer).first->second;
            owner = std::min(owner, host.balancer);
        }
    }
    std::vector<port::LocalhostPort> taken;
    for (const auto& host : policy.host_balancers) {
        for (const auto& listener : host.listeners) {
            if (!host.localhost) continue;
            const auto& owner = owners[{listener.protocol, listener.port}];
            if (owner == host.balancer) continue;
            taken.push_back({host.balancer, listener.protocol, listener.port, "open for " + owner});
        }
    }
    return taken;
}

}  // namespace

port::Network::Async<> Network::ensure_router() { co_return co_await faults_.before("ensure_router"); }

port::Network::Async<port::Attached> Network::attach(port::EniSpec spec) {
    CO_TRY_VOID(co_await faults_.before("attach"));
    for (const auto& [id, eni] : attached_)
        if (id != spec.id && eni.address == spec.address)
            co_return trouble(Errc::conflict, "the address " + spec.address + " belongs to " + id);
    const std::string path = "/run/gantry/netns/" + spec.id;
    attached_[spec.id] = {spec.id, spec.address, spec.mac, path};
    CO_TRY_VOID(faults_.after("attach"));
    port::Attached attached{path, "169.254.1.1"};
    co_return attached;
}

port::Network::Async<> Network::detach(std::string eni_id) {
    CO_TRY_VOID(co_await faults_.before("detach"));
    if (on_detach && attached_.contains(eni_id)) on_detach(eni_id);
    attached_.erase(eni_id);
    co_return faults_.after("detach");
}

port::Network::Async<std::vector<port::FoundEni>> Network::list() {
    CO_TRY_VOID(co_await faults_.before("list"));
    std::vector<port::FoundEni> all;
    for (const auto& [id, eni] : attached_) all.push_back(eni);
    co_return all;
}

port::Network::Async<port::EniUsage> Network::usage(std::string eni_id) {
    if (!attached_.contains(eni_id)) co_return trouble(Errc::not_found, "not attached: " + eni_id);
    co_return port::EniUsage{};
}

port::Network::Async<port::Applied> Network::apply(port::NetworkState state) {
    CO_TRY_VOID(co_await faults_.before("apply"));
    policy_ = std::move(state);
    port::Applied applied;
    applied.localhost_taken = taken_ports(policy_);
    CO_TRY_VOID(faults_.after("apply"));
    co_return applied;
}

port::Network::Async<port::Descriptor> Network::listen_tcp(std::string, std::uint16_t) {
    co_return trouble(Errc::unavailable, "the pretended world has no sockets");
}

port::Network::Async<port::Descriptor> Network::listen_udp(std::string, std::uint16_t) {
    co_return trouble(Errc::unavailable, "the pretended world has no sockets");
}

port::Network::Async<std::vector<int>> Network::balanced_flows(std::vector<port::FlowEnd> targets) {
    CO_TRY_VOID(co_await faults_.before("balanced_flows"));
    std::vector<int> counts;
    for (const auto& target : targets) {
        const auto found = flows.find(flow_name(target));
        counts.push_back(found == flows.end() ? 0 : found->second);
    }
    co_return counts;
}

port::Network::Async<std::vector<port::EntranceTraffic>> Network::traffic() {
    co_return std::exchange(carried, {});
}

port::Network::Async<> Network::reset_flows(port::FlowEnd target) {
    CO_TRY_VOID(co_await faults_.before("reset_flows"));
    resets.push_back(flow_name(target));
    flows.erase(flow_name(target));
    co_return faults_.after("reset_flows");
}

port::Network::Async<port::Descriptor> Network::socket_from(std::string address) {
    if (std::ranges::find(policy_.balancers, address, &port::BalancerAddressState::address) ==
        policy_.balancers.end()) {
        co_return trouble(Errc::not_found, "no load balancer has the address " + address);
    }
    co_return trouble(Errc::unavailable, "the pretended world has no sockets");
}

port::Network::Async<> Network::teardown() {
    attached_.clear();
    policy_ = {};
    co_return Result<>{};
}

}  // namespace gantry::sim
