#include "adapter/routernet/challenge.h"

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "adapter/routernet/netlink_socket.h"
#include "port/descriptor.h"

namespace gantry::adapter::routernet {
namespace {

struct Segment {
    iphdr ip{};
    tcphdr tcp{};
};

std::uint16_t checksum(const Segment& segment) {
    struct {
        std::uint32_t source, destination;
        std::uint16_t protocol, length;
        tcphdr tcp;
    } all{
        segment.ip.saddr, segment.ip.daddr, htons(IPPROTO_TCP), htons(sizeof segment.tcp), segment.tcp
    };
    static_assert(sizeof all % 2 == 0);
    std::uint16_t words[sizeof all / 2];
    std::memcpy(words, &all, sizeof all);
    std::uint32_t sum = 0;
    for (auto word : words) sum += word;
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~(sum + (sum >> 16)));
}

// A second SYN+ACK from the server: on its way every connection tracker lets it pass, whatever its numbers.
Segment segment_for(const Connection& connection) {
    Segment made;
    made.ip.version = 4;
    made.ip.ihl = 5;
    made.ip.tot_len = htons(sizeof made);
    made.ip.ttl = 64;
    made.ip.protocol = IPPROTO_TCP;
    made.ip.saddr = htonl(connection.entrance.address.value);
    made.ip.daddr = htonl(connection.client.address.value);
    made.tcp.source = htons(connection.entrance.port);
    made.tcp.dest = htons(connection.client.port);
    made.tcp.doff = 5;
    made.tcp.syn = made.tcp.ack = 1;
    made.tcp.check = checksum(made);
    return made;
}

}  // namespace

Result<> challenge_clients(const std::vector<Connection>& connections) {
    if (connections.empty()) return {};
    port::Descriptor raw(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW));
    if (!raw) return system_trouble("cannot make a raw socket", errno);
    for (const auto& connection : connections) {
        auto segment = segment_for(connection);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = segment.ip.daddr;
        // Best effort: the client may be gone.
        ::sendto(raw.get(), &segment, sizeof segment, 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
    }
    return {};
}

}  // namespace gantry::adapter::routernet
