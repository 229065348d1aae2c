#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

namespace gantry::adapter::containerd {

// The system calls that a container may use, as an OCI `linux.seccomp` object: an allow-list, EPERM for the rest.
// What Docker documents as blocked by default is blocked; a capability in `capabilities` opens the calls that it is
// needed for, as in Docker.
boost::json::value seccomp_profile(const std::vector<std::string>& capabilities);

}  // namespace gantry::adapter::containerd
