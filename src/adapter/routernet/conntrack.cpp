#include "adapter/routernet/conntrack.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <set>
#include <utility>

#include "adapter/routernet/netlink_socket.h"

namespace gantry::adapter::routernet {
namespace {

constexpr std::uint16_t of_conntrack(int operation) {
    return static_cast<std::uint16_t>(NFNL_SUBSYS_CTNETLINK << 8 | operation);
}

// Which parts of a tuple a filter names; the kernel knows them, its headers for programs do not.
enum TupleFlag : std::uint32_t {
    by_source = 1 << 0,
    by_destination = 1 << 1,
    by_protocol = 1 << 3,
    by_source_port = 1 << 4,
    by_destination_port = 1 << 5
};

std::string network_order(std::uint16_t port) {
    port = htons(port);
    return {reinterpret_cast<const char*>(&port), sizeof port};
}

// Filters came with Linux 5.8; a kernel that does not know them would take the request for "delete all".
bool kernel_filters() {
    utsname system;
    int major = 0, minor = 0;
    return ::uname(&system) == 0 && std::sscanf(system.release, "%d.%d", &major, &minor) == 2 &&
           (major > 5 || (major == 5 && minor >= 8));
}

std::uint16_t read_port(std::string_view value) {
    std::uint16_t port = 0;
    if (value.size() >= sizeof port) std::memcpy(&port, value.data(), sizeof port);
    return ntohs(port);
}

void read_tuple(std::string_view tuple, Endpoint& from, Endpoint& to, std::uint8_t& protocol) {
    walk_attributes(tuple, [&](std::uint16_t type, std::string_view value) {
        if (type == CTA_TUPLE_IP) {
            walk_attributes(value, [&](std::uint16_t inner, std::string_view bytes) {
                if (inner == CTA_IP_V4_SRC) from.address = {read_ipv4(bytes)};
                if (inner == CTA_IP_V4_DST) to.address = {read_ipv4(bytes)};
            });
        } else if (type == CTA_TUPLE_PROTO) {
            walk_attributes(value, [&](std::uint16_t inner, std::string_view bytes) {
                if (inner == CTA_PROTO_NUM && !bytes.empty()) protocol = static_cast<std::uint8_t>(bytes[0]);
                if (inner == CTA_PROTO_SRC_PORT) from.port = read_port(bytes);
                if (inner == CTA_PROTO_DST_PORT) to.port = read_port(bytes);
            });
        }
    });
}

Connection::Tcp read_tcp(std::string_view protocol_info) {
    auto state = Connection::Tcp::none;
    walk_attributes(protocol_info, [&](std::uint16_t type, std::string_view value) {
        if (type != CTA_PROTOINFO_TCP) return;
        walk_attributes(value, [&](std::uint16_t inner, std::string_view bytes) {
            if (inner != CTA_PROTOINFO_TCP_STATE || bytes.empty()) return;
            switch (bytes[0]) {
                case TCP_CONNTRACK_SYN_SENT:
                case TCP_CONNTRACK_SYN_SENT2:
                    state = Connection::Tcp::syn_sent;
                    break;
                case TCP_CONNTRACK_SYN_RECV:
                    state = Connection::Tcp::syn_received;
                    break;
                case TCP_CONNTRACK_ESTABLISHED:
                    state = Connection::Tcp::established;
                    break;
                case TCP_CONNTRACK_LAST_ACK:
                case TCP_CONNTRACK_TIME_WAIT:
                case TCP_CONNTRACK_CLOSE:
                    state = Connection::Tcp::closed;
                    break;
                default:
                    state = Connection::Tcp::closing;
            }
        });
    });
    return state;
}

Connection read_connection(std::string_view bytes) {
    Connection made;
    walk_attributes(bytes, [&](std::uint16_t type, std::string_view value) {
        switch (type) {
            case CTA_TUPLE_ORIG:
                read_tuple(value, made.client, made.entrance, made.protocol);
                break;
            case CTA_TUPLE_REPLY:
                read_tuple(value, made.target, made.seen_from, made.protocol);
                break;
            case CTA_STATUS:
                made.redirected = (ntohl(read_u32(value)) & IPS_DST_NAT) != 0;
                break;
            case CTA_PROTOINFO:
                made.tcp = read_tcp(value);
                break;
            default:
                break;
        }
    });
    return made;
}

}  // namespace

Result<> each_connection(bool only_redirected, const std::function<void(Connection&&)>& each) {
    // The table is one for all namespaces and large; walking it takes milliseconds also where nothing of it
    // is ours.
    std::ifstream count("/proc/sys/net/netfilter/nf_conntrack_count");
    if (std::size_t entries = 1; count >> entries && entries == 0) return {};
    TRY(auto socket, NetlinkSocket::open(NETLINK_NETFILTER));
    nfgenmsg body{};
    body.nfgen_family = AF_INET;
    NetlinkMessage dump(of_conntrack(IPCTNL_MSG_CT_GET), 0, body);
    if (only_redirected) {  // a kernel that does not know this filter sends all
        dump.add_u32(CTA_STATUS, htonl(IPS_DST_NAT));
        dump.add_u32(CTA_STATUS_MASK, htonl(IPS_DST_NAT));
    }
    int error = socket.dump(dump, [&](std::uint16_t, std::string_view bytes) {
        bytes.remove_prefix(std::min(sizeof(nfgenmsg), bytes.size()));
        auto connection = read_connection(bytes);
        if (connection.redirected || !only_redirected) each(std::move(connection));
    });
    if (error != 0 && error != EINTR) return system_trouble("cannot list tracked connections", error);
    return {};
}

Result<> forget(Role role, Endpoint end, std::uint8_t protocol) {
    static const bool able = kernel_filters();
    if (!able) return trouble(Errc::unavailable, "tracked connections cannot be ended: Linux 5.8 or newer is needed");
    TRY(auto socket, NetlinkSocket::open(NETLINK_NETFILTER));
    nfgenmsg body{};
    body.nfgen_family = AF_INET;
    body.version = 1;  // the family counts
    NetlinkMessage removal(of_conntrack(IPCTNL_MSG_CT_DELETE), 0, body);
    const bool original = role == Role::client || role == Role::entrance;
    const bool source = role == Role::client || role == Role::target;
    std::uint32_t flags = source ? by_source : by_destination;
    auto tuple = removal.open_nest(original ? CTA_TUPLE_ORIG : CTA_TUPLE_REPLY);
    auto ip = removal.open_nest(CTA_TUPLE_IP);
    removal.add_ipv4(source ? CTA_IP_V4_SRC : CTA_IP_V4_DST, end.address.value);
    removal.close_nest(ip);
    if (protocol != 0) {
        flags |= by_protocol;
        auto proto = removal.open_nest(CTA_TUPLE_PROTO);
        removal.add_u8(CTA_PROTO_NUM, protocol);
        if (end.port != 0) {
            flags |= source ? by_source_port : by_destination_port;
            removal.add(source ? CTA_PROTO_SRC_PORT : CTA_PROTO_DST_PORT, network_order(end.port));
        }
        removal.close_nest(proto);
    }
    removal.close_nest(tuple);
    auto filter = removal.open_nest(CTA_FILTER);
    removal.add_u32(original ? CTA_FILTER_ORIG_FLAGS : CTA_FILTER_REPLY_FLAGS, flags);
    removal.close_nest(filter);
    int error = socket.request(removal);
    if (error != 0 && error != ENOENT) return system_trouble("cannot forget tracked connections", error);
    return {};
}

Result<std::vector<Connection>> forget_connections(Ipv4 address) {
    std::vector<Connection> found;
    std::set<Role> roles;
    TRY_VOID(each_connection(false, [&](Connection&& c) {
        bool any = false;
        for (auto [role, end] : {std::pair{Role::client, c.client}, std::pair{Role::entrance, c.entrance},
                                 std::pair{Role::target, c.target}, std::pair{Role::seen_from, c.seen_from}}) {
            if (end.address != address) continue;
            roles.insert(role);
            any = true;
        }
        if (any) found.push_back(std::move(c));
    }));
    for (auto role : roles) TRY_VOID(forget(role, {address, 0}, 0));
    return found;
}

}  // namespace gantry::adapter::routernet
