#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "base/instant.h"
#include "port/network_state.h"

namespace gantry::port {

// One question to a target, as a load balancer's health check asks it.
struct Probe {
    std::string from;  // a balancer's address
    std::string address;
    std::uint16_t port = 0;
    std::string protocol;  // "TCP", "HTTP", "HTTPS" (certificates are not verified, as on AWS)
    std::string path;      // with query; HTTP only
    std::string user_agent = "ELB-HealthChecker/2.0";
    Duration timeout{5'000};

    friend bool operator==(const Probe&, const Probe&) = default;
};

// What became of it. Being late, refused or reset is an outcome, not an error.
struct Probed {
    enum class End {
        answered,  // TCP: connected. HTTP: `status` came
        timeout,
        refused,  // refused, reset, unreachable, or closed before an answer
        garbage,  // an answer that is not HTTP, or TLS that cannot be agreed on
        // Nobody was asked: no socket, or `from` is not applied yet. Says nothing about the target.
        not_made,
    };
    End end = End::timeout;
    int status = 0;

    friend bool operator==(const Probed&, const Probed&) = default;
};

// Asks targets. Many probes run at once; each uses a connection of its own and closes it. cancellation ends a
// probe.
class Prober {
  public:
    virtual ~Prober() = default;
    virtual boost::asio::awaitable<Probed> probe(Probe probe) = 0;
};

}  // namespace gantry::port
