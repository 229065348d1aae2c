#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace gantry::app {

// One data folder is one installation: one server, one containerd, one router namespace, one store.
struct Installation {
    std::string data_dir;

    std::string store_path() const { return data_dir + "/state.db"; }
    std::string logs_dir() const { return data_dir + "/logs"; }
    std::string containerd_dir() const { return data_dir + "/containerd"; }
    std::string worker_dir() const { return data_dir + "/worker"; }
    std::string network_dir() const { return data_dir + "/network"; }
    std::string server_file() const { return data_dir + "/server.json"; }
    std::string lock_file() const { return data_dir + "/lock"; }
    // Six hexadecimal digits derived from the folder's path: keeps what several installations make in the
    // kernel and in containerd apart. The default folder's is "gantry"'s own.
    std::string id() const;
};

// What a running server leaves for the client commands.
struct ServerFile {
    std::int64_t pid = 0;
    std::string endpoint;  // "http://127.0.0.1:4566"
    std::string region;
    std::string containerd_socket;
    std::string containerd_namespace;
};

// `not_found` when no server ever ran with this folder.
Result<ServerFile> read_server_file(const Installation& installation);
Result<void> write_server_file(const Installation& installation, const ServerFile& file);

// Holds the installation's lock for the life of the process; `conflict` when another server has it.
// The descriptor stays open on purpose.
Result<int> lock_installation(const Installation& installation);
// Whether a server holds the lock now.
bool server_runs(const Installation& installation);

}  // namespace gantry::app
