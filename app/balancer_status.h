#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "worker/agent.h"

namespace gantry::app {

// Adds to status: "load_balancers": [one line for each listener, with its URL on this host], and notes of what
// does not work. hosts_trouble: why names are not in the host's hosts file; empty when they are.
void describe_balancers(
    const worker::Agent& agent, const std::string& hosts_trouble, boost::json::object& status
);

}  // namespace gantry::app
