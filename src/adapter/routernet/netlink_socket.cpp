#include "adapter/routernet/netlink_socket.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace gantry::adapter::routernet {
namespace {

void pad(std::string& bytes) { bytes.resize((bytes.size() + 3) & ~std::size_t{3}); }

nlmsghdr* header(std::string& bytes) { return reinterpret_cast<nlmsghdr*>(bytes.data()); }

}  // namespace

void NetlinkMessage::start(std::uint16_t type, std::uint16_t flags, std::string_view body) {
    nlmsghdr head{};
    head.nlmsg_type = type;
    head.nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST);
    bytes_.assign(reinterpret_cast<const char*>(&head), sizeof head);
    append(body);
}

void NetlinkMessage::append(std::string_view bytes) {
    bytes_.append(bytes);
    pad(bytes_);
}

void NetlinkMessage::add(std::uint16_t type, std::string_view value) {
    nlattr attribute{};
    attribute.nla_len = static_cast<std::uint16_t>(sizeof attribute + value.size());
    attribute.nla_type = type;
    bytes_.append(reinterpret_cast<const char*>(&attribute), sizeof attribute);
    append(value);
}

void NetlinkMessage::add_u8(std::uint16_t type, std::uint8_t value) {
    add(type, std::string_view(reinterpret_cast<const char*>(&value), 1));
}

void NetlinkMessage::add_u32(std::uint16_t type, std::uint32_t value) {
    add(type, std::string_view(reinterpret_cast<const char*>(&value), 4));
}

void NetlinkMessage::add_ipv4(std::uint16_t type, std::uint32_t host_order) {
    add_u32(type, htonl(host_order));
}

void NetlinkMessage::add_text(std::uint16_t type, const std::string& text) {
    add(type, std::string_view(text.c_str(), text.size() + 1));
}

std::size_t NetlinkMessage::open_nest(std::uint16_t type) {
    auto mark = bytes_.size();
    add(static_cast<std::uint16_t>(type | NLA_F_NESTED), {});
    return mark;
}

void NetlinkMessage::close_nest(std::size_t mark) {
    auto length = static_cast<std::uint16_t>(bytes_.size() - mark);
    std::memcpy(bytes_.data() + mark, &length, sizeof length);
}

void walk_attributes(std::string_view bytes, const Attributes& each) {
    while (bytes.size() >= sizeof(nlattr)) {
        nlattr attribute;
        std::memcpy(&attribute, bytes.data(), sizeof attribute);
        if (attribute.nla_len < sizeof attribute || attribute.nla_len > bytes.size()) return;
        each(
            static_cast<std::uint16_t>(attribute.nla_type & NLA_TYPE_MASK),
            bytes.substr(sizeof attribute, attribute.nla_len - sizeof attribute)
        );
        auto padded = (static_cast<std::size_t>(attribute.nla_len) + 3) & ~std::size_t{3};
        bytes.remove_prefix(std::min(padded, bytes.size()));
    }
}

std::uint32_t read_u32(std::string_view value) {
    std::uint32_t number = 0;
    if (value.size() >= 4) std::memcpy(&number, value.data(), 4);
    return number;
}

std::uint32_t read_ipv4(std::string_view value) { return ntohl(read_u32(value)); }

Result<NetlinkSocket> NetlinkSocket::open(int protocol) {
    NetlinkSocket made;
    made.socket_ = port::Descriptor(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
    if (!made.socket_) return system_trouble("cannot open a netlink socket", errno);
    int on = 1;
    ::setsockopt(made.socket_.get(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
    int room = 4 << 20;
    ::setsockopt(made.socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    // A kernel that does not answer within this is broken; without a limit the worker would hang with it.
    timeval limit{10, 0};
    ::setsockopt(made.socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return made;
}

int NetlinkSocket::exchange(NetlinkMessage& message, const Each& each) {
    auto& bytes = message.bytes();
    header(bytes)->nlmsg_len = static_cast<std::uint32_t>(bytes.size());
    header(bytes)->nlmsg_seq = ++sequence_;
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    auto sent = ::sendto(
        socket_.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&kernel), sizeof kernel
    );
    if (sent < 0) return errno;
    bool interrupted = false;
    std::vector<char> answer(256 << 10);
    while (true) {
        auto got = ::recv(socket_.get(), answer.data(), answer.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno == EAGAIN ? ETIMEDOUT : errno;
        auto rest = std::string_view(answer.data(), static_cast<std::size_t>(got));
        while (rest.size() >= sizeof(nlmsghdr)) {
            nlmsghdr head;
            std::memcpy(&head, rest.data(), sizeof head);
            if (head.nlmsg_len < sizeof head || head.nlmsg_len > rest.size()) return EBADMSG;
            auto body = rest.substr(sizeof head, head.nlmsg_len - sizeof head);
            rest.remove_prefix(
                std::min((static_cast<std::size_t>(head.nlmsg_len) + 3) & ~std::size_t{3}, rest.size())
            );
            if (head.nlmsg_seq != sequence_) continue;  // late answer to a request that timed out
            if ((head.nlmsg_flags & NLM_F_DUMP_INTR) != 0) interrupted = true;
            if (head.nlmsg_type == NLMSG_ERROR) return -static_cast<int>(read_u32(body));
            if (head.nlmsg_type == NLMSG_DONE) return interrupted ? EINTR : 0;
            if (each) each(head.nlmsg_type, body);
        }
    }
}

int NetlinkSocket::request(NetlinkMessage& message, const Each& each) {
    header(message.bytes())->nlmsg_flags |= NLM_F_ACK;
    return exchange(message, each);
}

int NetlinkSocket::dump(NetlinkMessage& message, const Each& each) {
    header(message.bytes())->nlmsg_flags |= NLM_F_DUMP;
    return exchange(message, each);
}

tl::unexpected<Error> system_trouble(const std::string& what, int error) {
    return trouble(Errc::unavailable, what + ": " + std::strerror(error));
}

}  // namespace gantry::adapter::routernet
