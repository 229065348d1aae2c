#pragma once

#include <map>
#include <string>

#include "link/network_objects.h"
#include "port/network_state.h"

namespace gantry::worker {

// The network objects that the control plane wants on this worker, by id.
struct NetworkObjects {
    std::map<std::string, link::Vpc> vpcs;
    std::map<std::string, link::Eni> enis;
    std::map<std::string, link::SecurityGroup> groups;
};

// As port::Network::apply() takes them. Objects arrive one by one and in any order: what refers to something
// that is not here (yet) is left out or narrowed, so that the rest can be applied; never widened.
port::NetworkState network_state(const NetworkObjects& objects);

}  // namespace gantry::worker
