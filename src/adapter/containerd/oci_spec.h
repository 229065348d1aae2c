#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "adapter/containerd/user.h"
#include "base/result.h"
#include "port/container.h"
#include "port/images.h"

namespace gantry::adapter::containerd {

// What a container's OCI spec depends on besides the request and the image: looked up on the machine beforehand, so
// that the spec itself is a pure function.
struct HostFacts {
    struct DeviceNode {
        std::string path;         // inside the container
        char type = 'c';          // 'c' or 'b'
        std::uint32_t major = 0;
        std::uint32_t minor = 0;
        std::uint32_t mode = 0666;
        std::uint32_t uid = 0;
        std::uint32_t gid = 0;
        std::string permissions;  // "rwm"
    };
    std::string cgroup_path;               // "/gantry-main/TASK/CONTAINER"
    bool cgroup_v2 = false;
    bool swap_accounting = false;
    User user;
    std::vector<port::Ulimit> ulimits;     // clamped
    std::vector<DeviceNode> devices;
    std::vector<port::Mount> mounts;       // bind and tmpfs only, volumes resolved to host paths
    std::string pid_namespace;             // a namespace file or empty
    std::string ipc_namespace;
    std::string init_path;                 // host path of the init program; used when spec.init_process
};

// The arguments of PID 1 as Docker and ECS compute them.
Result<std::vector<std::string>> process_arguments(const port::ContainerSpec& spec, const port::ImageInfo& image);

// An OCI runtime spec with Docker's defaults: capabilities, seccomp filter, masked and read-only paths, mounts.
Result<boost::json::value> oci_spec(const port::ContainerSpec& spec, const port::ImageInfo& image,
                                    const HostFacts& facts);

// linux.resources alone, for limits that change while the container runs.
boost::json::object oci_limits(const port::Limits& limits, bool swap_accounting, bool cgroup_v2);

}  // namespace gantry::adapter::containerd
