#pragma once

#include <cstdint>
#include <string>

namespace gantry::adapter::haproxy {

struct Options {
    // Configuration, certificates, sockets; created 0700, nobody else puts anything there. At most 80
    // characters long, because sockets lie in it.
    std::string directory;
    // A file that names the network namespace to run in; empty: the caller's own.
    std::string network_namespace;
    // Where all entrances listen, and the range of their ports.
    std::string local_address;
    std::uint16_t first_port = 20'000;
    std::uint16_t last_port = 29'999;
    std::string program = "haproxy";
};

}  // namespace gantry::adapter::haproxy
