#pragma once

#include <string>
#include <vector>

#include "network/world.h"

namespace gantry::network_test {

// A world with load balancers: "lb-a" at 172.31.9.1, for the host at 127.64.0.1, and tasks that serve behind
// it.
class Balanced : public World {
  protected:
    Balanced();

    // A balancer's address in the state, with an interface in these groups.
    void balancer(const std::string& id, const std::string& address, std::vector<std::string> groups = {});
    void host_balancer(const std::string& id, const std::string& host_address);
    // A task that anybody may reach and that may reach anybody; its namespace.
    std::string open_task(const std::string& id, const std::string& address);

    // Makes a listener exactly this, at a balancer's address or at one for the host; made when missing.
    port::FlowListener& listen(
        const std::string& at,
        std::uint16_t port,
        std::vector<port::FlowTarget> targets,
        const std::string& protocol = "tcp"
    );
    // The same at lb-a's address and at its address for the host.
    void listen_everywhere(
        std::uint16_t port, const std::vector<port::FlowTarget>& targets, const std::string& protocol = "tcp"
    );
    int flows(const std::string& address, std::uint16_t port, const std::string& protocol = "tcp");
    void reset(const std::string& address, std::uint16_t port, const std::string& protocol = "tcp");
    // Connects a socket of a balancer's address.
    Reach from_balancer(const std::string& balancer, const std::string& address, std::uint16_t port);
};

}  // namespace gantry::network_test
