#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/instant.h"

// Plain data that describes containers to a port::Runtime and back. Nothing here knows ECS or containerd.
namespace gantry::port {

// A limit set of one cgroup. 0 or nullopt means "not limited by this cgroup".
struct Limits {
    std::uint64_t cpu_shares = 0;   // cgroup v1 scale, 2..262144; v2 weights are derived as runc does
    std::int64_t cpu_quota_us = 0;  // per cpu_period_us
    std::uint64_t cpu_period_us = 100'000;
    std::int64_t memory_bytes = 0;              // hard limit: the kernel kills past it
    std::int64_t memory_reservation_bytes = 0;  // soft limit, reclaimed down to under pressure
    std::optional<std::int64_t>
        memory_and_swap_bytes;                // -1 is unlimited swap; unset: no swap beyond memory_bytes
    std::optional<std::uint64_t> swappiness;  // 0..100, cgroup v1 only
    std::int64_t pids = 0;

    friend bool operator==(const Limits&, const Limits&) = default;
};

struct Ulimit {
    std::string name;       // ECS's spelling: "nofile", "nproc", ...
    std::int64_t soft = 0;  // -1 is unlimited
    std::int64_t hard = 0;

    friend bool operator==(const Ulimit&, const Ulimit&) = default;
};

struct Mount {
    enum class Kind {
        bind,    // source is a host path
        tmpfs,   // source is unused; size in options ("size=64m")
        volume,  // source is the name of a volume of the task, made on first use inside the task's storage
    };
    Kind kind = Kind::bind;
    std::string source;
    std::string target;
    bool read_only = false;
    std::vector<std::string> options;  // further mount options: "nosuid", "rbind", "size=64m", ...

    friend bool operator==(const Mount&, const Mount&) = default;
};

struct Device {
    std::string host_path;
    std::string container_path;       // empty: as host_path
    std::string permissions = "rwm";  // any of r, w, m

    friend bool operator==(const Device&, const Device&) = default;
};

// What all containers of a task stand in: a parent cgroup and a size-limited disk for writable layers and
// volumes.
struct TaskSpec {
    std::string id;                             // [A-Za-z0-9_.-]{1,64}, unique in the installation
    Limits limits;                              // of all containers together
    std::uint64_t storage_bytes = 20ull << 30;  // writing past it gives ENOSPC
};

// Empty members mean "as the image says", or the default that Docker has.
struct ContainerSpec {
    std::string id;     // [A-Za-z0-9_.-]{1,76}, unique in the installation
    std::string task;   // TaskSpec::id, prepared before
    std::string image;  // reference or digest known to port::Images

    // As in ECS and Docker: entry_point replaces the image's ENTRYPOINT *and* drops its CMD; command replaces
    // CMD.
    std::optional<std::vector<std::string>> entry_point;
    std::optional<std::vector<std::string>> command;
    std::vector<std::pair<std::string, std::string>> env;  // over the image's
    std::string user;                                      // "uid", "name", "uid:gid", "name:group"
    std::string cwd;

    bool read_only_rootfs = false;
    bool init_process = false;  // an init as PID 1 that reaps and forwards signals
    bool terminal = false;      // pseudoTerminal
    bool open_stdin = false;    // interactive: stdin stays open instead of /dev/null
    std::vector<Mount> mounts;
    std::vector<Device> devices;
    std::int64_t shm_bytes = 64 << 20;

    std::string hostname;
    std::string network_namespace;  // a namespace file; empty: a private namespace with only lo
    // Id of a running container of the same task whose namespace is joined; empty: private ones.
    std::string pid_namespace_of;
    std::string ipc_namespace_of;

    Limits limits;
    std::vector<Ulimit> ulimits;       // clamped to what the machine can grant, see Created::clamped
    std::vector<std::string> cap_add;  // "SYS_PTRACE" or "CAP_SYS_PTRACE" or "ALL"
    std::vector<std::string> cap_drop;
    std::map<std::string, std::string> sysctls;
    bool no_new_privileges = false;

    // Two existing regular files or FIFOs; the runtime appends each stream to its own and nothing of Gantry's
    // has to run for that. Empty: the stream is thrown away.
    std::string stdout_path;
    std::string stderr_path;

    std::map<std::string, std::string> labels;  // found again by list(); keys without "containerd.io/" prefix
};

struct ClampedUlimit {
    Ulimit wanted;
    Ulimit granted;
};

struct Created {
    std::vector<ClampedUlimit> clamped;
    int stop_signal = 15;  // the image's STOPSIGNAL
};

enum class ContainerState { created, running, paused, exited };

struct ContainerStatus {
    std::string id;
    std::string task;
    std::string image;
    std::map<std::string, std::string> labels;
    ContainerState state = ContainerState::created;
    int pid = 0;  // of PID 1, in the host's pid namespace; 0 unless running
    int stop_signal = 15;
    std::optional<RealInstant> started_at;
    std::optional<RealInstant> exited_at;  // exited only
    int exit_code = 0;                     // exited only: 0..255; 128 + signal when killed
    // The kernel killed a process of this container for memory and its PID 1 ended with 137.
    bool oom_killed = false;
};

struct ExecSpec {
    std::vector<std::string> argv;
    std::chrono::milliseconds timeout{5'000};  // SIGKILL after it
    std::size_t output_bytes_max = 4'096;      // of stdout and stderr together; the rest is dropped
};

struct ExecResult {
    int exit_code = 0;  // 126 and 127 as a shell has them when argv[0] cannot be run or does not exist
    bool timed_out = false;
    std::string output;
};

// Counters since the container's start, read from its cgroup.
struct Stats {
    RealInstant read_at;
    std::uint64_t cpu_ns = 0;
    std::uint64_t cpu_user_ns = 0;
    std::uint64_t cpu_system_ns = 0;
    std::uint64_t cpu_periods = 0;
    std::uint64_t cpu_throttled_periods = 0;
    std::uint64_t cpu_throttled_ns = 0;
    std::uint64_t memory_bytes = 0;  // with page cache
    std::uint64_t memory_inactive_file_bytes = 0;
    std::uint64_t memory_max_bytes = 0;    // high-water mark; 0 where the kernel does not tell
    std::uint64_t memory_limit_bytes = 0;  // 0: none
    std::uint64_t pids = 0;
    std::uint64_t read_bytes = 0;
    std::uint64_t write_bytes = 0;
    std::uint64_t read_ops = 0;
    std::uint64_t write_ops = 0;

    // What ECS and Container Insights call memory used: usage without inactive file pages.
    std::uint64_t memory_used_bytes() const {
        return memory_bytes > memory_inactive_file_bytes ? memory_bytes - memory_inactive_file_bytes : 0;
    }
};

struct StorageUse {
    std::uint64_t used_bytes = 0;
    std::uint64_t total_bytes = 0;
};

}  // namespace gantry::port
