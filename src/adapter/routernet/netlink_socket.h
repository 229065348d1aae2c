#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "port/descriptor.h"

namespace gantry::adapter::routernet {

// One netlink request under construction: header, a fixed body, attributes.
class NetlinkMessage {
  public:
    template <class Body>
    NetlinkMessage(std::uint16_t type, std::uint16_t flags, const Body& body) {
        start(type, flags, std::string_view(reinterpret_cast<const char*>(&body), sizeof body));
    }

    void add(std::uint16_t type, std::string_view bytes);
    void add_u8(std::uint16_t type, std::uint8_t value);
    void add_u32(std::uint16_t type, std::uint32_t value);
    void add_ipv4(std::uint16_t type, std::uint32_t host_order);
    void add_text(std::uint16_t type, const std::string& text);  // zero-terminated
    std::size_t open_nest(std::uint16_t type);
    void close_nest(std::size_t mark);
    // Bytes inside a nest that are no attribute (an ifinfomsg before a veth peer's attributes).
    void append(std::string_view bytes);

    std::string& bytes() { return bytes_; }

  private:
    void start(std::uint16_t type, std::uint16_t flags, std::string_view body);

    std::string bytes_;
};

using Attributes = std::function<void(std::uint16_t type, std::string_view value)>;
// Walks the attributes in bytes; malformed rests are ignored.
void walk_attributes(std::string_view bytes, const Attributes& each);

std::uint32_t read_u32(std::string_view value);   // host order; 0 when too short
std::uint32_t read_ipv4(std::string_view value);  // to host order

// A netlink socket of the namespace that the thread was in when it was opened. Blocking, one request at a
// time.
class NetlinkSocket {
  public:
    static Result<NetlinkSocket> open(int protocol);

    using Each = std::function<void(std::uint16_t type, std::string_view body)>;

    // Sends and waits for the acknowledgement; 0 or an errno. What comes before it goes to `each`.
    int request(NetlinkMessage& message, const Each& each = {});

    // For NLM_F_DUMP requests; each gets the bytes after the header of every answer.
    int dump(NetlinkMessage& message, const Each& each);

  private:
    int exchange(NetlinkMessage& message, const Each& each);

    port::Descriptor socket_;
    std::uint32_t sequence_ = 0;
};

// trouble(unavailable) with the system's words.
tl::unexpected<Error> system_trouble(const std::string& what, int error);

}  // namespace gantry::adapter::routernet
