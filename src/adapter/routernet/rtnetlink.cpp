#include "adapter/routernet/rtnetlink.h"

#include <linux/fib_rules.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <poll.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace gantry::adapter::routernet {
namespace {

constexpr std::uint16_t create = NLM_F_CREATE | NLM_F_EXCL;
constexpr char operational = 6;  // IF_OPER_UP of linux/if.h, which does not go together with net/if.h

void add_end(NetlinkMessage& message, const VethEnd& end) {
    message.add_text(IFLA_IFNAME, end.name);
    message.add_u32(IFLA_MTU, end.mtu);
    if (end.mac) message.add(IFLA_ADDRESS, {reinterpret_cast<const char*>(end.mac->data()), 6});
    if (end.netns >= 0) message.add_u32(IFLA_NET_NS_FD, static_cast<std::uint32_t>(end.netns));
}

Result<> checked(int error, const std::string& what, int fine = 0) {
    if (error == 0 || error == fine) return {};
    return system_trouble(what, error);
}

template <class Body>
std::optional<Body> take_body(std::string_view& bytes) {
    Body body;
    if (bytes.size() < sizeof body) return {};
    std::memcpy(&body, bytes.data(), sizeof body);
    bytes.remove_prefix(std::min((sizeof body + 3) & ~std::size_t{3}, bytes.size()));
    return body;
}

std::string read_text(std::string_view value) { return std::string(value.substr(0, value.find('\0'))); }

port::EniUsage read_counters(std::string_view value) {
    rtnl_link_stats64 stats{};
    std::memcpy(&stats, value.data(), std::min(sizeof stats, value.size()));
    return {stats.rx_bytes, stats.rx_packets, stats.rx_dropped, stats.rx_errors,
            stats.tx_bytes, stats.tx_packets, stats.tx_dropped, stats.tx_errors};
}

Link read_link(std::string_view bytes) {
    Link link;
    auto info = take_body<ifinfomsg>(bytes);
    if (!info) return link;
    link.index = info->ifi_index;
    link.up = (info->ifi_flags & IFF_UP) != 0;
    walk_attributes(bytes, [&](std::uint16_t type, std::string_view value) {
        if (type == IFLA_IFNAME) link.name = read_text(value);
        if (type == IFLA_IFALIAS) link.alias = read_text(value);
        if (type == IFLA_ADDRESS && value.size() == 6) std::memcpy(link.mac.data(), value.data(), 6);
        if (type == IFLA_OPERSTATE && !value.empty()) link.running = value[0] == operational;
        if (type == IFLA_STATS64) link.counters = read_counters(value);
    });
    return link;
}

NetlinkMessage route_message(std::uint16_t type, std::uint16_t flags, const Route& route) {
    rtmsg body{};
    body.rtm_family = AF_INET;
    body.rtm_dst_len = static_cast<std::uint8_t>(route.to.length);
    body.rtm_table = RT_TABLE_UNSPEC;
    body.rtm_protocol = RTPROT_STATIC;
    body.rtm_scope = route.via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
    if (type == RTM_DELROUTE) body.rtm_scope = RT_SCOPE_NOWHERE;
    body.rtm_type = RTN_UNICAST;
    if (route.via) body.rtm_flags = RTNH_F_ONLINK;
    NetlinkMessage message(type, flags, body);
    message.add_ipv4(RTA_DST, route.to.base.value);
    message.add_u32(RTA_OIF, static_cast<std::uint32_t>(route.link));
    message.add_u32(RTA_TABLE, route.table);
    if (route.via) message.add_ipv4(RTA_GATEWAY, route.via->value);
    if (route.source) message.add_ipv4(RTA_PREFSRC, route.source->value);
    return message;
}

}  // namespace

std::optional<Mac> parse_mac(std::string_view text) {
    if (text.size() != 17) return {};
    Mac mac{};
    for (std::size_t i = 0; i < 17; ++i) {
        if (i % 3 == 2) {
            if (text[i] != ':') return {};
            continue;
        }
        auto c = static_cast<char>(text[i] | 0x20);
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0) return {};
        mac[i / 3] = static_cast<std::uint8_t>(mac[i / 3] << 4 | digit);
    }
    // The kernel refuses group addresses and all zeros; say so before asking it.
    if ((mac[0] & 1) != 0 || mac == Mac{}) return {};
    return mac;
}

std::string format(const Mac& mac) {
    char text[18];
    std::snprintf(
        text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]
    );
    return text;
}

Result<Rtnetlink> Rtnetlink::open() {
    Rtnetlink made;
    TRY(made.socket_, NetlinkSocket::open(NETLINK_ROUTE));
    return made;
}

Result<> Rtnetlink::make_veth(const VethEnd& here, const VethEnd& there) {
    NetlinkMessage message(RTM_NEWLINK, create, ifinfomsg{});
    add_end(message, here);
    auto info = message.open_nest(IFLA_LINKINFO);
    message.add_text(IFLA_INFO_KIND, "veth");
    auto data = message.open_nest(IFLA_INFO_DATA);
    auto peer = message.open_nest(VETH_INFO_PEER);
    ifinfomsg peer_body{};
    message.append({reinterpret_cast<const char*>(&peer_body), sizeof peer_body});
    add_end(message, there);
    message.close_nest(peer);
    message.close_nest(data);
    message.close_nest(info);
    int error = socket_.request(message);
    if (error == EEXIST) {
        return trouble(Errc::conflict, "the network interface " + here.name + " exists already");
    }
    TRY_VOID(checked(error, "cannot make the network interface " + here.name));
    if (here.alias.empty()) return {};
    TRY(auto made, find_link(here.name));
    if (!made) return trouble(Errc::unavailable, "the network interface " + here.name + " vanished");
    ifinfomsg body{};
    body.ifi_index = made->index;
    NetlinkMessage alias(RTM_NEWLINK, 0, body);
    alias.add(IFLA_IFALIAS, here.alias);
    return checked(socket_.request(alias), "cannot name the network interface " + here.name);
}

Result<> Rtnetlink::remove_link(int index) {
    ifinfomsg body{};
    body.ifi_index = index;
    NetlinkMessage message(RTM_DELLINK, 0, body);
    return checked(socket_.request(message), "cannot remove a network interface", ENODEV);
}

Result<> Rtnetlink::silence_ipv6(int index) {
    ifinfomsg body{};
    body.ifi_index = index;
    NetlinkMessage message(RTM_NEWLINK, 0, body);
    auto families = message.open_nest(IFLA_AF_SPEC);
    auto v6 = message.open_nest(AF_INET6);
    message.add_u8(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
    message.close_nest(v6);
    message.close_nest(families);
    // A kernel without IPv6 has nothing to silence.
    return checked(socket_.request(message), "cannot turn IPv6 off on a network interface", EAFNOSUPPORT);
}

Result<> Rtnetlink::set_up(int index) {
    ifinfomsg body{};
    body.ifi_index = index;
    body.ifi_flags = IFF_UP;
    body.ifi_change = IFF_UP;
    NetlinkMessage message(RTM_NEWLINK, 0, body);
    return checked(socket_.request(message), "cannot start a network interface");
}

Result<> Rtnetlink::add_address(int index, Ipv4 address, int prefix) {
    ifaddrmsg body{};
    body.ifa_family = AF_INET;
    body.ifa_prefixlen = static_cast<std::uint8_t>(prefix);
    body.ifa_index = static_cast<std::uint32_t>(index);
    NetlinkMessage message(RTM_NEWADDR, create, body);
    message.add_ipv4(IFA_LOCAL, address.value);
    message.add_ipv4(IFA_ADDRESS, address.value);
    return checked(socket_.request(message), "cannot add the address " + format(address), EEXIST);
}

Result<> Rtnetlink::remove_address(int index, Ipv4 address, int prefix) {
    ifaddrmsg body{};
    body.ifa_family = AF_INET;
    body.ifa_prefixlen = static_cast<std::uint8_t>(prefix);
    body.ifa_index = static_cast<std::uint32_t>(index);
    NetlinkMessage message(RTM_DELADDR, 0, body);
    message.add_ipv4(IFA_LOCAL, address.value);
    return checked(
        socket_.request(message), "cannot remove the address " + format(address), EADDRNOTAVAIL
    );
}

Result<> Rtnetlink::add_route(const Route& route) {
    auto message = route_message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route);
    return checked(socket_.request(message), "cannot add the route to " + format(route.to));
}

Result<> Rtnetlink::remove_route(const Route& route) {
    auto message = route_message(RTM_DELROUTE, 0, route);
    return checked(socket_.request(message), "cannot remove the route to " + format(route.to), ESRCH);
}

Result<> Rtnetlink::add_neighbor(int index, Ipv4 address, const Mac& mac) {
    ndmsg body{};
    body.ndm_family = AF_INET;
    body.ndm_ifindex = index;
    body.ndm_state = NUD_PERMANENT;
    NetlinkMessage message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, body);
    message.add_ipv4(NDA_DST, address.value);
    message.add(NDA_LLADDR, {reinterpret_cast<const char*>(mac.data()), 6});
    return checked(socket_.request(message), "cannot add the neighbour " + format(address));
}

Result<> Rtnetlink::add_rule(std::uint32_t priority, std::uint32_t mark, std::uint32_t table) {
    fib_rule_hdr body{};
    body.family = AF_INET;
    body.action = table == 0 ? FR_ACT_UNREACHABLE : FR_ACT_TO_TBL;
    NetlinkMessage message(RTM_NEWRULE, create, body);
    message.add_u32(FRA_PRIORITY, priority);
    if (table != 0) message.add_u32(FRA_TABLE, table);
    if (mark != 0) {
        message.add_u32(FRA_FWMARK, mark);
        message.add_u32(FRA_FWMASK, mark);
    }
    return checked(socket_.request(message), "cannot add a routing rule", EEXIST);
}

Result<std::optional<Link>> Rtnetlink::find_link(const std::string& name) {
    std::optional<Link> found;
    NetlinkMessage message(RTM_GETLINK, 0, ifinfomsg{});
    message.add_text(IFLA_IFNAME, name);
    // Not a dump: the answer comes before the acknowledgement.
    int error = socket_.request(message, [&](std::uint16_t type, std::string_view body) {
        if (type == RTM_NEWLINK) found = read_link(body);
    });
    TRY_VOID(checked(error, "cannot look for the network interface " + name, ENODEV));
    return found;
}

Result<> Rtnetlink::wait_running(const std::string& name) {
    for (int attempt = 0; attempt < 2000; ++attempt) {
        TRY(auto link, find_link(name));
        if (!link) break;
        if (link->running) return {};
        ::poll(nullptr, 0, 1);
    }
    return trouble(Errc::timeout, "the network interface " + name + " does not come up");
}

Result<std::vector<Link>> Rtnetlink::links() {
    std::vector<Link> found;
    int error = EINTR;
    for (int attempt = 0; attempt < 5 && error == EINTR; ++attempt) {  // EINTR: changed while it was read
        found.clear();
        NetlinkMessage message(RTM_GETLINK, 0, ifinfomsg{});
        error = socket_.dump(message, [&](std::uint16_t type, std::string_view body) {
            if (type == RTM_NEWLINK) found.push_back(read_link(body));
        });
    }
    TRY_VOID(checked(error, "cannot list network interfaces", EINTR));
    return found;
}

Result<std::vector<Route>> Rtnetlink::routes() {
    std::vector<Route> found;
    rtmsg body{};
    body.rtm_family = AF_INET;
    NetlinkMessage message(RTM_GETROUTE, 0, body);
    int error = socket_.dump(message, [&](std::uint16_t type, std::string_view bytes) {
        auto head = take_body<rtmsg>(bytes);
        if (type != RTM_NEWROUTE || !head || head->rtm_family != AF_INET) return;
        Route route;
        route.to.length = head->rtm_dst_len;
        route.table = head->rtm_table;
        walk_attributes(bytes, [&](std::uint16_t attribute, std::string_view value) {
            if (attribute == RTA_DST) route.to.base = {read_ipv4(value)};
            if (attribute == RTA_OIF) route.link = static_cast<int>(read_u32(value));
            if (attribute == RTA_GATEWAY) route.via = Ipv4{read_ipv4(value)};
            if (attribute == RTA_PREFSRC) route.source = Ipv4{read_ipv4(value)};
            if (attribute == RTA_TABLE) route.table = read_u32(value);
        });
        route.local_table = route.table == RT_TABLE_LOCAL;
        found.push_back(route);
    });
    TRY_VOID(checked(error, "cannot list routes", EINTR));
    return found;
}

Result<std::vector<std::pair<int, Ipv4>>> Rtnetlink::addresses() {
    std::vector<std::pair<int, Ipv4>> found;
    ifaddrmsg body{};
    body.ifa_family = AF_INET;
    NetlinkMessage message(RTM_GETADDR, 0, body);
    int error = socket_.dump(message, [&](std::uint16_t type, std::string_view bytes) {
        auto head = take_body<ifaddrmsg>(bytes);
        if (type != RTM_NEWADDR || !head) return;
        walk_attributes(bytes, [&](std::uint16_t attribute, std::string_view value) {
            if (attribute == IFA_LOCAL) {
                found.emplace_back(static_cast<int>(head->ifa_index), Ipv4{read_ipv4(value)});
            }
        });
    });
    TRY_VOID(checked(error, "cannot list addresses", EINTR));
    return found;
}

}  // namespace gantry::adapter::routernet
