#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace gantry::adapter::os {

// Names of ours in the host's hosts file, between two marker lines. Every other byte of the file stays as it
// is. The file is replaced by renaming; where that is impossible (a bind mount, as in containers) it is
// rewritten in place. Several owners may have a block each, told apart by `owner`.
class HostsFile {
  public:
    explicit HostsFile(std::string owner = "gantry", std::string path = "/etc/hosts")
        : owner_(std::move(owner)), path_(std::move(path)) {}

    using Entries = std::vector<std::pair<std::string, std::string>>;  // address, name
    // The block holds exactly these; no entries, no block. Does not write when nothing changes.
    Result<void> set(const Entries& entries);

    // What the file becomes, for tests.
    std::string with_block(const std::string& text, const Entries& entries) const;

  private:
    std::string owner_;
    std::string path_;
};

}  // namespace gantry::adapter::os
