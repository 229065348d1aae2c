#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "port/container.h"

namespace gantry::adapter::containerd {

// A task's ephemeral storage: a sparse file with an ext4 file system, loop-mounted. Containers' writable layers and the
// task's volumes lie in it, so that all together they meet ENOSPC at its size, and removing a task's data is
// unlinking one file. Costs ~2 ms and ~50 KiB a task: the file system is copied from an empty template, of which only
// the blocks that exist are written. The data does not outlive the machine, so nothing in it is journalled or flushed.
// Blocking; may be called on any thread, for one task on one thread at a time.
class TaskDisks {
  public:
    explicit TaskDisks(std::string directory) : directory_(std::move(directory)) {}

    // Makes or finds the disk and mounts it. An existing disk keeps its size.
    Result<> prepare(const std::string& task, std::uint64_t bytes);
    Result<> remove(const std::string& task);
    std::vector<std::string> tasks() const;
    Result<port::StorageUse> use(const std::string& task) const;

    // Where the disk is mounted.
    std::string root(const std::string& task) const { return directory_ + "/" + task + "/fs"; }

  private:
    Result<std::string> template_file(std::uint64_t bytes);
    std::string image_file(const std::string& task) const { return directory_ + "/" + task + "/disk.ext4"; }

    std::string directory_;
};

}  // namespace gantry::adapter::containerd
