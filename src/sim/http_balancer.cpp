#include "sim/http_balancer.h"

#include <algorithm>

namespace gantry::sim {

namespace {

constexpr std::uint16_t kFirstEntrance = 20'000;

std::string session_name(const std::string& address, std::uint16_t port) {
    return address + ":" + std::to_string(port) + "/tcp";
}

}  // namespace

port::HttpBalancer::Async<std::vector<port::HttpEntrance>> HttpBalancer::apply(port::HttpBalancerState state) {
    CO_TRY_VOID(co_await faults_.before("apply of the proxy"));
    state_ = std::move(state);
    std::vector<port::HttpEntrance> entrances;
    for (const auto& balancer : state_.balancers) {
        for (const auto& listener : balancer.listeners) {
            const auto number = static_cast<std::uint16_t>(kFirstEntrance + entrances.size());
            entrances.push_back({balancer.id, listener.id, "169.254.171.3", number});
        }
    }
    CO_TRY_VOID(faults_.after("apply of the proxy"));
    co_return entrances;
}

port::HttpBalancer::Async<std::vector<port::HttpServerUse>> HttpBalancer::use() {
    CO_TRY_VOID(co_await faults_.before("use"));
    std::vector<port::HttpServerUse> all;
    for (const auto& pool : state_.pools) {
        for (const auto& server : pool.servers) {
            const auto found = sessions_.find(session_name(server.address, server.port));
            const int open = found == sessions_.end() ? 0 : found->second;
            all.push_back({pool.group, server.address, server.port, static_cast<std::uint64_t>(open)});
        }
    }
    co_return all;
}

port::HttpBalancer::Async<port::HttpTraffic> HttpBalancer::traffic() {
    co_return port::HttpTraffic{};
}

port::HttpBalancer::Async<> HttpBalancer::shut(std::string group, std::string address, std::uint16_t port) {
    CO_TRY_VOID(co_await faults_.before("shut"));
    for (auto& pool : state_.pools) {
        if (pool.group != group) continue;
        std::erase_if(pool.servers, [&](const auto& server) {
            return server.address == address && server.port == port;
        });
    }
    sessions_.erase(session_name(address, port));
    co_return faults_.after("shut");
}

port::HttpBalancer::Async<> HttpBalancer::teardown() {
    state_ = {};
    co_return Result<>{};
}

}  // namespace gantry::sim
