#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "adapter/routernet/ipv4.h"
#include "base/result.h"

namespace gantry::adapter::routernet {

struct Endpoint {
    Ipv4 address;
    std::uint16_t port = 0;

    friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// One entry of the kernel's table of tracked connections.
struct Connection {
    // closing: an end has said that it sends no more. closed: both have, or it was reset: nobody waits for
    // anything, and the client may begin another connection with the same port at any moment.
    enum class Tcp : std::uint8_t { none, syn_sent, syn_received, established, closing, closed };

    std::uint8_t protocol = 0;   // IPPROTO_…
    Endpoint client, entrance;   // as the client sees it
    Endpoint target, seen_from;  // as the answering side sees it
    Tcp tcp = Tcp::none;
    bool redirected = false;  // by destination: through a balancer
};

// Whose address it is.
enum class Role : std::uint8_t { client, entrance, target, seen_from };

// All entries of the calling thread's namespace, or (much cheaper) only the redirected ones.
Result<> each_connection(bool only_redirected, const std::function<void(Connection&&)>& each);

// Deletes every entry that has the address in this role (and, unless they are 0, this port and IPPROTO_…).
//
// The kernel chooses them while it deletes. To name entries that were listed before is not safe: a client that uses
// its port again makes another entry with the same addresses, and the same id when the kernel puts it at the same
// place in its memory.
Result<> forget(Role role, Endpoint end, std::uint8_t protocol);

// Deletes every entry that has the address at any end; what they were.
Result<std::vector<Connection>> forget_connections(Ipv4 address);

}  // namespace gantry::adapter::routernet
