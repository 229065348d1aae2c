#include "adapter/haproxy/backend.h"
#include "adapter/haproxy/frontend.h"
#include "adapter/haproxy/proxy.h"

// What passes the proxy, for metrics.
namespace gantry::adapter::haproxy {
namespace {

using Answers = std::array<std::uint64_t, 5>;

void add(Answers& to, const Answers& more) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += more[i];
}

std::uint64_t sum(const Answers& answers) {
    std::uint64_t all = 0;
    for (const auto one : answers) all += one;
    return all;
}

struct Backend {
    std::string balancer, group;
};

port::HttpServerTraffic* server_of(
    std::map<std::string, port::HttpServerTraffic>& servers, const Backend& backend, const std::string& address
) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos) return nullptr;
    const auto port = std::strtoul(address.c_str() + colon + 1, nullptr, 10);
    auto& one = servers[backend.balancer + " " + backend.group + " " + address];
    one.balancer = backend.balancer;
    one.group = backend.group;
    one.address = address.substr(0, colon);
    one.port = static_cast<std::uint16_t>(port);
    return &one;
}

}  // namespace

Result<port::HttpTraffic> Proxy::traffic() {
    port::HttpTraffic traffic;
    if (state_.balancers.empty()) return traffic;
    TRY(const auto answers, process_.tell_all("show stat -1 5 -1"));
    TrafficRows rows;
    for (const auto& [process, answer] : answers) rows[process] = traffic_rows(answer);

    std::map<std::string, port::HttpClientTraffic*> frontends;
    std::map<std::string, Backend> backends;
    traffic.clients.resize(state_.balancers.size());
    for (std::size_t i = 0; i < state_.balancers.size(); ++i) {
        const auto& balancer = state_.balancers[i];
        traffic.clients[i].balancer = balancer.id;
        for (const auto& listener : balancer.listeners) frontends[frontend_name(balancer, listener)] = &traffic.clients[i];
        for (const auto& [group, pool] : pools_of(state_, balancer))
            backends[backend_name(balancer, group)] = {balancer.id, group};
    }
    std::map<std::string, port::HttpServerTraffic> servers;
    std::map<std::string, Answers> got, given;  // by balancer
    for (const auto& row : ledger_.read(rows)) {
        if (row.server.empty()) {
            const auto found = frontends.find(row.section);
            if (found == frontends.end()) continue;
            auto& clients = *found->second;
            clients.open_connections += row.open;
            clients.new_connections += row.connections;
            clients.bytes += row.bytes;
            add(got[clients.balancer], row.answers);
            continue;
        }
        const auto found = backends.find(row.section);
        if (found == backends.end()) continue;
        add(given[found->second.balancer], row.answers);
        auto* server = server_of(servers, found->second, row.address);
        if (server == nullptr) continue;
        server->open_connections += row.open;
        server->new_connections += row.connections;
        const auto before = sum(server->answers), more = sum(row.answers);
        if (more > 0) {
            server->response_ms = (server->response_ms * static_cast<double>(before) +
                                   row.response_ms * static_cast<double>(more)) /
                                  static_cast<double>(before + more);
        }
        add(server->answers, row.answers);
    }
    for (auto& clients : traffic.clients)
        clients.own_answers = ledger_.own_answers(clients.balancer, got[clients.balancer], given[clients.balancer]);
    for (auto& [name, server] : servers) traffic.servers.push_back(std::move(server));
    return traffic;
}

}  // namespace gantry::adapter::haproxy
