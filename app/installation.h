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
    std::string metrics_dir() const { return data_dir + "/metrics"; }
    std::string images_dir() const { return data_dir + "/containerd"; }
    std::string tasks_dir() const { return data_dir + "/tasks"; }
    std::string worker_dir() const { return data_dir + "/worker"; }
    std::string output_dir() const { return data_dir + "/output"; }
    // What a reboot ends anyway: sockets, namespace files.
    std::string run_dir() const { return "/run/gantry/" + id(); }
    // The name of what containerd and cgroups keep for this installation.
    std::string name() const { return "gantry-" + id(); }
    // Logins at registries, as in Docker's config.json; readable by root only.
    std::string registry_login_file() const { return data_dir + "/registry-logins.json"; }
    // Secured mode only: what may read /metrics, readable by root only.
    std::string metrics_token_file() const { return data_dir + "/metrics-token"; }
    std::string server_file() const { return data_dir + "/server.json"; }
    std::string lock_file() const { return data_dir + "/lock"; }
    // Six hexadecimal digits derived from the folder's path: keeps what several installations make in the
    // kernel and in containerd apart.
    std::string id() const;
};

// What a running server leaves for the client commands.
struct ServerFile {
    std::int64_t pid = 0;
    std::string endpoint;  // "http://127.0.0.1:4566"
    std::string region;
    std::string containerd_socket;
    std::string containerd_namespace;
    std::string registry_hosts_dir;
    std::string registry_login_file;
    // Secured mode only: what the client commands show the server, and the owner's access key.
    std::string admin_token;
    std::string access_key;
    std::string secret;
};

// `not_found` when no server ever ran with this folder.
Result<ServerFile> read_server_file(const Installation& installation);
Result<void> write_server_file(const Installation& installation, const ServerFile& file);

// The token in the file; `fresh` is written there when there is none.
Result<std::string> keep_metrics_token(const Installation& installation, const std::string& fresh);

// Holds the installation's lock for the life of the process; `conflict` when another server has it.
// The descriptor stays open on purpose.
Result<int> lock_installation(const Installation& installation);
// Whether a server holds the lock now.
bool server_runs(const Installation& installation);

// A number from 0 to 63 that no other installation on this host has; the same as long as the host runs. `exhausted`
// when there are more.
Result<unsigned> claim_number(const Installation& installation);
void release_number(const Installation& installation);

}  // namespace gantry::app
