#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace gantry::adapter::containerd {

// Docker's 14 default capabilities with `add` and `drop` applied ("SYS_PTRACE", "CAP_SYS_PTRACE", "ALL"), sorted.
// As in Docker, "ALL" in drop leaves what add names, "ALL" in add leaves out what drop names.
Result<std::vector<std::string>> capabilities(const std::vector<std::string>& add,
                                              const std::vector<std::string>& drop);

}  // namespace gantry::adapter::containerd
