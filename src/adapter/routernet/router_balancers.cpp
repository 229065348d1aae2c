#include "adapter/routernet/router_balancers.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "adapter/routernet/challenge.h"
#include "adapter/routernet/router.h"

namespace gantry::adapter::routernet {
namespace {

constexpr auto look_at_host_again = std::chrono::seconds(5);

struct End {
    Endpoint at;
    std::uint8_t protocol = 0;

    friend auto operator<=>(const End&, const End&) = default;
};

Result<End> parse_end(const port::FlowEnd& target) {
    auto address = parse_ipv4(target.address);
    bool tcp = target.protocol == "tcp";
    if (!address || target.port == 0 || (!tcp && target.protocol != "udp")) {
        return trouble(
            Errc::invalid, "not a target of balanced flows: " + target.address.substr(0, 80) + ':' +
                               std::to_string(target.port) + ' ' + target.protocol.substr(0, 80)
        );
    }
    return End{{*address, target.port}, static_cast<std::uint8_t>(tcp ? IPPROTO_TCP : IPPROTO_UDP)};
}

bool is_own(Ipv4 address) {
    return overlap({address, 32}, {{0x7F000000}, 8}) || overlap({address, 32}, {{0xA9FE0000}, 16});
}

}  // namespace

std::set<Ipv4> balancer_addresses(const port::NetworkState& state) {
    std::set<Ipv4> all;
    for (const auto& balancer : state.balancers) {
        if (auto address = parse_ipv4(balancer.address)) all.insert(*address);
    }
    return all;
}

Result<> release_clients(std::vector<Connection> forgotten) {
    std::erase_if(forgotten, [](const Connection& c) {
        // One that has had no answer yet sends its SYN again, and comes to another target. One that is closed would
        // hit the next connection of its port.
        return !c.redirected || c.protocol != IPPROTO_TCP || c.tcp == Connection::Tcp::none ||
               c.tcp == Connection::Tcp::syn_sent || c.tcp == Connection::Tcp::closed;
    });
    return challenge_clients(forgotten);
}

Result<> Router::hold_addresses(const std::set<Ipv4>& wanted) {
    if (held_addresses_ && *held_addresses_ == wanted) return {};
    for (auto address : wanted) {
        if (held_addresses_ && held_addresses_->contains(address)) continue;
        TRY_VOID(open_->router.add_address(open_->loopback, address, 32));
    }
    return {};
}

Result<> Router::drop_addresses(const std::set<Ipv4>& wanted) {
    if (held_addresses_ && *held_addresses_ == wanted) return {};
    held_addresses_.reset();
    TRY(auto addresses, open_->router.addresses());
    for (const auto& [link, address] : addresses) {
        if (link != open_->loopback || is_own(address) || wanted.contains(address)) continue;
        // While the address is still there, clients are told that their connections are none any more.
        TRY(auto forgotten, forget_connections(address));
        TRY_VOID(release_clients(std::move(forgotten)));
        TRY_VOID(open_->router.remove_address(open_->loopback, address, 32));
    }
    held_addresses_ = wanted;
    return {};
}

Result<> Router::reach_from_host(const port::NetworkState& state) {
    auto now = std::chrono::steady_clock::now();
    bool due = now - routes_looked_ >= look_at_host_again;
    {
        Visit host(host_netns_, open_->router_netns);
        TRY(localhost_taken_, host_balancing_.ensure(state.host_balancers, due));
    }
    std::set<Ipv4> balancers;
    for (const auto& host : state.host_balancers) {
        if (auto address = parse_ipv4(host.host_address)) balancers.insert(*address);
    }
    if (state.vpcs == routed_vpcs_ && balancers == routed_balancers_ && !due) return {};
    TRY(auto view, look_at_host(open_->host, open_->host_link, options_.resolv_conf));
    host_routes_ = judge_host_routes(state.vpcs, view);
    TRY_VOID(set_host_routes(open_->host, open_->host_link, options_, host_routes_, balancers));
    routes_looked_ = now;
    routed_vpcs_ = state.vpcs;
    routed_balancers_ = std::move(balancers);
    return {};
}

Result<std::vector<int>> Router::balanced_flows(const std::vector<port::FlowEnd>& targets) {
    std::map<End, int> counts;
    std::vector<End> ends;
    for (const auto& target : targets) {
        TRY(auto end, parse_end(target));
        counts[end] = 0;
        ends.push_back(end);
    }
    TRY_VOID(ensure());
    if (ends.empty()) return std::vector<int>();
    TRY_VOID(each_connection(true, [&](Connection&& connection) {
        if (connection.tcp == Connection::Tcp::closing || connection.tcp == Connection::Tcp::closed) return;
        auto found = counts.find({connection.target, connection.protocol});
        if (found != counts.end()) ++found->second;
    }));
    std::vector<int> answer;
    for (const auto& end : ends) answer.push_back(counts[end]);
    return answer;
}

Result<std::vector<port::EntranceTraffic>> Router::traffic() {
    std::vector<port::EntranceTraffic> all;
    if (!loaded_ || !loaded_->sets.contains("lb_bytes") || loaded_->sets.at("lb_bytes").elements.empty()) return all;
    TRY_VOID(ensure());
    TrafficMeter::Reading now;
    for (auto [set, counters] : {std::pair{"lb_flows", &now.flows}, std::pair{"lb_bytes", &now.bytes},
                                 std::pair{"lb_target_resets", &now.target_resets},
                                 std::pair{"lb_client_resets", &now.client_resets}}) {
        TRY(const auto listed, Nft::list(std::string("set ip ") + router_table + ' ' + set));
        *counters = set_counters(listed);
    }
    all = traffic_.read(std::move(now));
    std::map<std::pair<std::string, std::string>, std::uint64_t> open;
    TRY_VOID(each_connection(true, [&](Connection&& connection) {
        if (connection.tcp == Connection::Tcp::closing || connection.tcp == Connection::Tcp::closed) return;
        ++open[{format(connection.entrance.address), connection.protocol == IPPROTO_TCP ? "tcp" : "udp"}];
    }));
    for (auto& one : all) one.open_flows = open[{one.address, one.protocol}];
    return all;
}

Result<> Router::reset_flows(const port::FlowEnd& target) {
    TRY(auto end, parse_end(target));
    TRY_VOID(ensure());
    std::vector<Connection> found;
    TRY_VOID(each_connection(true, [&](Connection&& connection) {
        if (connection.target == end.at && connection.protocol == end.protocol) {
            found.push_back(std::move(connection));
        }
    }));
    TRY_VOID(forget(Role::target, end.at, end.protocol));
    return release_clients(std::move(found));
}

Result<port::Descriptor> Router::socket_from(const std::string& balancer_address) {
    auto address = parse_ipv4(balancer_address);
    if (!address || !held_addresses_ || !held_addresses_->contains(*address)) {
        return trouble(Errc::not_found, "no load balancer has the address " + balancer_address.substr(0, 80));
    }
    TRY_VOID(ensure());
    port::Descriptor made(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!made) return system_trouble("cannot make a socket", errno);
    // The port is chosen when it connects: many connections to different targets may share one.
    int on = 1;
    ::setsockopt(made.get(), SOL_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(address->value);
    if (::bind(made.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) {
        return system_trouble("cannot use the address " + format(*address), errno);
    }
    return made;
}

}  // namespace gantry::adapter::routernet
