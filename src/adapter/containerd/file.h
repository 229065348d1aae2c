#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace gantry::adapter::containerd {

// Small files as a whole, with open/read/write only: the kernel's pseudo files want exactly that.
std::optional<std::string> read_file(const std::string& path);
Result<> write_file(const std::string& path, const std::string& text);
// Makes or overwrites; not synced.
Result<> create_file(const std::string& path, const std::string& text);
// Writes a new file beside it, syncs and renames: the old or the new content, never a mixture.
Result<> replace_file(const std::string& path, const std::string& text);
Result<> make_directories(const std::string& path);
// "opening /x: No such file or directory" with Errc::exhausted for a full disk.
tl::unexpected<Error> system_trouble(const std::string& what, int error_number);

}  // namespace gantry::adapter::containerd
