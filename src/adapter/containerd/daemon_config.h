#pragma once

#include <string>

#include "base/result.h"

namespace gantry::adapter::containerd {

// A containerd of our own.
struct DaemonConfig {
    std::string program = "containerd";
    std::string root;    // images and layers; survives the machine
    std::string state;   // sockets and what runs; best on a tmpfs. Absolute, at most 80 bytes (a socket lies in it)

    std::string socket() const { return state + "/containerd.sock"; }
    std::string config_file() const { return root + "/config.toml"; }
    std::string log_file() const { return root + "/containerd.log"; }
    std::string pid_file() const { return state + "/containerd.pid"; }
};

// Its configuration file: what Gantry does not use is off. invalid for paths that cannot work.
Result<std::string> daemon_config_text(const DaemonConfig& config);

}  // namespace gantry::adapter::containerd
