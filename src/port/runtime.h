#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "port/container.h"

namespace gantry::port {

// What is to be looked at again. Nothing else is said: ask status(). everything = true after the runtime
// itself was away, when events may have been lost.
struct Changes {
    std::vector<std::string> containers;
    bool everything = false;
};

// Runs containers on this machine. Answers "make it so" and "how is it", decides nothing.
//
// Every method may be called again after a crash on either side with the same arguments: what is there
// already is success, what is gone already is success too (remove, kill of an exited container). Containers
// outlive the caller and the runtime's daemon. Errors: not_found (no such container, task or image), refused
// with code "CannotCreateContainerError" or "CannotStartContainerError" (the container's own fault: command
// not found, bad user, bad mount; never worth a retry), exhausted (disk, memory, loop devices), unavailable,
// timeout, unknown.
class Runtime {
  public:
    template <class T = void>
    using Reply = boost::asio::awaitable<Result<T>>;

    virtual ~Runtime() = default;

    // The task's cgroup and disk. Called again with other limits it changes the limits; the disk's size
    // stays.
    virtual Reply<> prepare_task(TaskSpec spec) = 0;
    // Removes all that prepare_task and containers left, data included. conflict while containers of it
    // exist.
    virtual Reply<> remove_task(std::string task) = 0;
    virtual Reply<std::vector<std::string>> list_tasks() = 0;
    virtual Reply<StorageUse> storage(std::string task) = 0;

    // created -> running -> exited. create() does everything that can be done before PID 1 runs the user's
    // command.
    virtual Reply<Created> create(ContainerSpec spec) = 0;
    virtual Reply<> start(std::string id) = 0;
    // all: every process of the container instead of PID 1 only.
    virtual Reply<> kill(std::string id, int signal, bool all) = 0;
    // Puts an exited container back to `created` with its writable layer kept, as `docker restart` would.
    virtual Reply<> reset(std::string id) = 0;
    // Kills what still runs, then removes the container and its writable layer.
    virtual Reply<> remove(std::string id) = 0;

    virtual Reply<ContainerStatus> status(std::string id) = 0;
    // Everything of this installation, for adoption after a restart and for finding leftovers.
    virtual Reply<std::vector<ContainerStatus>> list() = 0;
    // Completes when something exited, was killed for memory or may have changed since the last call; one
    // caller.
    virtual Reply<Changes> wait_changes() = 0;

    // Runs a command in a running container with the container's own capabilities, seccomp filter, cgroup,
    // user, environment and limits.
    virtual Reply<ExecResult> exec(std::string id, ExecSpec spec) = 0;
    virtual Reply<Stats> stats(std::string id) = 0;
    virtual Reply<Stats> task_stats(std::string task) = 0;
    virtual Reply<> update_limits(std::string id, Limits limits) = 0;
};

}  // namespace gantry::port
