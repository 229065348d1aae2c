#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/codec.h"
#include "port/http_balancer.h"

namespace gantry::adapter::haproxy {

// A place for a server in a backend. Places exist in the running proxy from the start, and servers come and
// go in them without a reload.
struct Slot {
    std::string address;  // empty: free
    int port = 0;
    bool draining = false;
    friend bool operator==(const Slot&, const Slot&) = default;
};
BOOST_DESCRIBE_STRUCT(Slot, (), (address, port, draining))

// What must be the same after a restart of Gantry, so that the running proxy need not be reloaded: who has
// which place, and which listener which local port.
struct Assignment {
    std::map<std::string, std::vector<Slot>> slots;  // by target group
    std::map<std::string, int> ports;                // by "BALANCER LISTENER"

    friend bool operator==(const Assignment&, const Assignment&) = default;
};
BOOST_DESCRIBE_STRUCT(Assignment, (), (slots, ports))

std::string port_key(const std::string& balancer, const std::string& listener);

// Keeps who is there where it is, frees what left, places what is new; twice as many places as servers are
// made when they do not suffice (that needs a reload). `exhausted` when no port is left.
Result<Assignment> assign(
    const Assignment& before, const port::HttpBalancerState& state, int first_port, int last_port
);

}  // namespace gantry::adapter::haproxy
