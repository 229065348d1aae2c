#include "adapter/routernet/conntrack.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/socket.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <vector>

#include "adapter/routernet/netlink_socket.h"

namespace gantry::adapter::routernet {
namespace {

constexpr std::uint16_t of_conntrack(int operation) {
    return static_cast<std::uint16_t>(NFNL_SUBSYS_CTNETLINK << 8 | operation);
}

struct Entry {
    std::string original;  // the tuple's attributes as the kernel gave them: they identify the entry
    std::string id, zone;
    bool has_address = false;
};

bool tuple_has(std::string_view tuple, Ipv4 address) {
    bool has = false;
    walk_attributes(tuple, [&](std::uint16_t type, std::string_view value) {
        if (type != CTA_TUPLE_IP) return;
        walk_attributes(value, [&](std::uint16_t inner, std::string_view bytes) {
            if ((inner == CTA_IP_V4_SRC || inner == CTA_IP_V4_DST) && read_ipv4(bytes) == address.value)
                has = true;
        });
    });
    return has;
}

}  // namespace

Result<std::size_t> forget_connections(Ipv4 address) {
    // The table is one for all namespaces and large; walking it takes milliseconds also where nothing of it
    // is ours.
    std::ifstream count("/proc/sys/net/netfilter/nf_conntrack_count");
    if (std::size_t entries = 1; count >> entries && entries == 0) return 0;
    TRY(auto socket, NetlinkSocket::open(NETLINK_NETFILTER));
    nfgenmsg body{};
    body.nfgen_family = AF_INET;
    std::vector<Entry> found;
    NetlinkMessage dump(of_conntrack(IPCTNL_MSG_CT_GET), 0, body);
    int error = socket.dump(dump, [&](std::uint16_t, std::string_view bytes) {
        bytes.remove_prefix(std::min(sizeof(nfgenmsg), bytes.size()));
        Entry entry;
        walk_attributes(bytes, [&](std::uint16_t type, std::string_view value) {
            if (type == CTA_TUPLE_ORIG) entry.original = std::string(value);
            if (type == CTA_ID) entry.id = std::string(value);
            if (type == CTA_ZONE) entry.zone = std::string(value);
            if (type == CTA_TUPLE_ORIG || type == CTA_TUPLE_REPLY) {
                entry.has_address = entry.has_address || tuple_has(value, address);
            }
        });
        if (entry.has_address) found.push_back(std::move(entry));
    });
    if (error != 0 && error != EINTR) return system_trouble("cannot list tracked connections", error);
    for (const auto& entry : found) {
        NetlinkMessage removal(of_conntrack(IPCTNL_MSG_CT_DELETE), 0, body);
        removal.add(CTA_TUPLE_ORIG | NLA_F_NESTED, entry.original);
        if (!entry.zone.empty()) removal.add(CTA_ZONE, entry.zone);
        if (!entry.id.empty()) removal.add(CTA_ID, entry.id);
        error = socket.request(removal);
        if (error != 0 && error != ENOENT) return system_trouble("cannot forget a tracked connection", error);
    }
    return found.size();
}

}  // namespace gantry::adapter::routernet
