#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapter/routernet/ipv4.h"
#include "adapter/routernet/netlink_socket.h"
#include "base/result.h"
#include "port/network_state.h"

namespace gantry::adapter::routernet {

using Mac = std::array<std::uint8_t, 6>;

std::optional<Mac> parse_mac(std::string_view text);  // "02:aa:…"
std::string format(const Mac& mac);

struct Link {
    int index = 0;
    std::string name, alias;
    Mac mac{};
    bool up = false;
    bool running = false;     // packets are really sent: the kernel has seen that both ends are up
    port::EniUsage counters;  // as this end counts
};

inline constexpr std::uint32_t local_route_table = 255;  // where the kernel has a host's own addresses

struct Route {
    Cidr to;
    int link = 0;
    std::optional<Ipv4> via;
    std::optional<Ipv4> source;
    std::uint32_t table = 254;  // main
    bool local_table = false;   // read only: table is local_route_table

    friend bool operator==(const Route&, const Route&) = default;
};

struct VethEnd {
    std::string name;
    std::string alias;  // empty: none
    std::optional<Mac> mac;
    std::uint32_t mtu = 1500;
    int netns = -1;  // -1: the namespace of the socket
};

// The few kernel requests that the router needs, on one namespace. Adding what is there and removing what is
// gone is success.
class Rtnetlink {
  public:
    static Result<Rtnetlink> open();

    // `conflict` when a name is taken.
    Result<> make_veth(const VethEnd& here, const VethEnd& there);
    Result<> remove_link(int index);
    // No IPv6 address is ever made on the link; to be called before it is up.
    Result<> silence_ipv6(int index);
    Result<> set_up(int index);
    Result<> add_address(int index, Ipv4 address, int prefix);
    Result<> remove_address(int index, Ipv4 address, int prefix);
    Result<> add_route(const Route& route);
    Result<> remove_route(const Route& route);
    Result<> add_neighbor(int index, Ipv4 address, const Mac& mac);
    // mark 0: for all packets. table 0: answer "unreachable".
    Result<> add_rule(std::uint32_t priority, std::uint32_t mark, std::uint32_t table);

    Result<std::optional<Link>> find_link(const std::string& name);
    // Both ends of a veth are up: waits (a millisecond, rarely more) until this one sends; before, it drops.
    Result<> wait_running(const std::string& name);
    Result<std::vector<Link>> links();
    Result<std::vector<Route>> routes();  // all tables
    Result<std::vector<std::pair<int, Ipv4>>> addresses();

  private:
    NetlinkSocket socket_;
};

}  // namespace gantry::adapter::routernet
