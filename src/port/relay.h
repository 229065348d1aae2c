#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace gantry::port {

// A TCP port of the host that leads to another address: how other machines reach a load balancer.
struct RelayEntrance {
    std::string address;  // of the host; not loopback, not the wildcard
    std::uint16_t port = 0;
    std::string target_address;
    std::uint16_t target_port = 0;

    friend bool operator==(const RelayEntrance&, const RelayEntrance&) = default;
};

// An entrance that cannot be opened, and why (another program has the port, the host has no such address).
struct RelayRefusal {
    std::string address;
    std::uint16_t port = 0;
    std::string reason;

    friend bool operator==(const RelayRefusal&, const RelayRefusal&) = default;
};

// Carries connections byte by byte; targets see the host as their client. It outlives Gantry.
class Relay {
  public:
    template <class T = void>
    using Async = boost::asio::awaitable<Result<T>>;

    virtual ~Relay() = default;

    // Exactly these entrances from now on; open connections of others go on to their end. What cannot be
    // opened is told, and tried again with each call: call it every second, also when nothing changed.
    virtual Async<std::vector<RelayRefusal>> apply(std::vector<RelayEntrance> entrances) = 0;

    // Ends it with its connections.
    virtual Async<> teardown() = 0;
};

}  // namespace gantry::port
