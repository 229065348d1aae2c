#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "link/balancer_objects.h"

namespace gantry::port {

// A target that gets new requests, or (draining) only those of connections and sessions it has.
struct HttpServer {
    std::string address;
    std::uint16_t port = 0;
    bool draining = false;

    friend bool operator==(const HttpServer&, const HttpServer&) = default;
};

// A target group as the proxy needs it. `attributes` are AWS's (stickiness.*, load_balancing.algorithm.type,
// slow_start.duration_seconds …).
struct HttpPool {
    std::string group;             // link::TargetGroup::id
    std::string protocol;          // "HTTP" or "HTTPS"
    std::string protocol_version;  // "HTTP1", "HTTP2", "GRPC"
    std::map<std::string, std::string> attributes;
    std::vector<HttpServer> servers;

    friend bool operator==(const HttpPool&, const HttpPool&) = default;
};

// All application load balancers of this worker.
struct HttpBalancerState {
    std::vector<link::LoadBalancer> balancers;  // type "application"
    std::vector<HttpPool> pools;

    friend bool operator==(const HttpBalancerState&, const HttpBalancerState&) = default;
};

// Where the proxy listens, inside the router, for one listener: flows to the balancer's addresses and port
// are to be sent there, with their original destination kept.
struct HttpEntrance {
    std::string balancer;
    std::string listener;
    std::string local_address;
    std::uint16_t local_port = 0;

    friend bool operator==(const HttpEntrance&, const HttpEntrance&) = default;
};

// Per target, for draining.
struct HttpServerUse {
    std::string group;
    std::string address;
    std::uint16_t port = 0;
    std::uint64_t open_sessions = 0;

    friend bool operator==(const HttpServerUse&, const HttpServerUse&) = default;
};

// What the proxy did since the reading before, whatever reloads were in between. Answers are counted by the first digit of
// their status, from 1 to 5.
struct HttpClientTraffic {
    std::string balancer;
    std::uint64_t open_connections = 0;  // now
    std::uint64_t new_connections = 0;
    std::uint64_t bytes = 0;  // both ways
    std::array<std::uint64_t, 5> own_answers{};  // that were not a target's

    friend bool operator==(const HttpClientTraffic&, const HttpClientTraffic&) = default;
};
struct HttpServerTraffic {
    std::string balancer;
    std::string group;
    std::string address;
    std::uint16_t port = 0;
    std::uint64_t open_connections = 0;  // now
    std::uint64_t new_connections = 0;
    std::array<std::uint64_t, 5> answers{};
    double response_ms = 0;  // the mean until an answer began; of more answers than these when they are few

    friend bool operator==(const HttpServerTraffic&, const HttpServerTraffic&) = default;
};
struct HttpTraffic {
    std::vector<HttpClientTraffic> clients;
    std::vector<HttpServerTraffic> servers;
};

// The proxy for layer 7: a program of its own that outlives Gantry.
//
// Level-triggered and idempotent like port::Network. Errors: `unavailable` with the reason; the proxy then
// goes on with what it had.
class HttpBalancer {
  public:
    template <class T = void>
    using Async = boost::asio::awaitable<Result<T>>;

    virtual ~HttpBalancer() = default;

    // Makes the proxy serve exactly this; starts or adopts it where needed, stops it when there is no balancer
    // left. Written to disk first, then given to the running proxy: targets and weights without a reload;
    // where one is needed, no connection breaks. Call it also when nothing changed, every second: it restarts
    // a proxy that died.
    virtual Async<std::vector<HttpEntrance>> apply(HttpBalancerState state) = 0;

    // Targets of the state last applied, draining ones too.
    virtual Async<std::vector<HttpServerUse>> use() = 0;

    // Of the state last applied. The first reading of a process only begins to count.
    virtual Async<HttpTraffic> traffic() = 0;

    // A target died: its sessions end and it gets nothing more, before the next apply().
    virtual Async<> shut(std::string group, std::string address, std::uint16_t port) = 0;

    // Stops the proxy and removes its files.
    virtual Async<> teardown() = 0;
};

}  // namespace gantry::port
