#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <string>
#include <vector>

#include "port/descriptor.h"

namespace gantry::port {

// What Gantry itself answers to DNS questions. Names are lower case without a final dot.
struct Names {
    // Names in or below a zone are answered from `addresses` alone (NXDOMAIN where it has nothing) and never
    // leave the machine: "gantry.internal", a private service-discovery namespace.
    std::vector<std::string> zones;
    // IPv4 addresses of a name; also of names outside every zone, which then hide the world's. Empty list:
    // the name exists and has no address now.
    std::map<std::string, std::vector<std::string>> addresses;

    friend bool operator==(const Names&, const Names&) = default;
};

// The DNS server that tasks see: answers what it knows, forwards the rest to the host's own name servers, as
// the VPC resolver does on AWS. Answers from `Names` live five seconds; of many addresses at most eight are
// given, in turns.
//
// Bounded: so many questions are under way and connections open, others get SERVFAIL; a name server that is
// silent is left for the next after two seconds; garbage costs nothing but its own answer (FORMERR, or none).
class Resolver {
  public:
    virtual ~Resolver() = default;

    // From now on exactly these.
    virtual void set_names(Names names) = 0;

    // Serves a bound UDP and a listening TCP socket (Network::listen_udp and listen_tcp at resolver_address,
    // port 53) until stop(). Called once.
    virtual void start(Descriptor udp, Descriptor tcp) = 0;
    virtual boost::asio::awaitable<void> stop() = 0;
};

}  // namespace gantry::port
