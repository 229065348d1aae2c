#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "port/container.h"

namespace gantry::adapter::containerd {

// The cgroups of one installation: PARENT/TASK/CONTAINER in every hierarchy. A task's directory carries its limits and
// is made here; a container's is made and removed by runc. Reads counters straight from the kernel's files, which is
// far cheaper than asking containerd for them. Blocking, but never for long; all methods may be called on any thread.
class Cgroups {
  public:
    // parent: one directory name, unique on the machine. root: where cgroups are mounted (tests give another one).
    explicit Cgroups(std::string parent, std::string root = "/sys/fs/cgroup");

    bool v2() const { return v2_; }
    bool swap_accounting() const { return swap_accounting_; }

    // For the OCI spec: "/PARENT/TASK/CONTAINER".
    std::string path(const std::string& task, const std::string& container) const;

    Result<> prepare_task(const std::string& task, const port::Limits& limits);
    // Takes empty containers' directories along; conflict while a process is in it.
    Result<> remove_task(const std::string& task);
    std::vector<std::string> tasks() const;

    // container empty: the task as a whole.
    Result<port::Stats> stats(const std::string& task, const std::string& container) const;
    // Processes of this container that the kernel killed for memory, its own limit or the task's.
    std::uint64_t oom_kills(const std::string& task, const std::string& container) const;
    // Writes new limits into an existing container's or (container empty) task's cgroup.
    Result<> apply(const std::string& task, const std::string& container, const port::Limits& limits);

  private:
    std::string directory(const char* controller, const std::string& task, const std::string& container) const;
    port::Stats stats_v1(const std::string& task, const std::string& container) const;
    port::Stats stats_v2(const std::string& task, const std::string& container) const;

    std::string parent_;
    std::string root_;
    bool v2_ = false;
    bool swap_accounting_ = false;
};

}  // namespace gantry::adapter::containerd
