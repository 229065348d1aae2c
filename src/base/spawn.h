#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace gantry {

// How a program is started.
struct Spawn {
    std::vector<std::string> command;  // searched in PATH
    int in = -1, out = -1, err = -1;   // its standard streams; -1: /dev/null
    // A session of its own: what ends ours, or our terminal, leaves it alone. Otherwise a process group of its
    // own, so that Ctrl-C does not hit it.
    bool session = false;
};

// Starts a program with default signals and no descriptor of ours but the three: what it inherited would stay
// open as long as it lives, a listening port too. The caller reaps it. not_found: "NAME is not installed";
// unavailable: what the system says.
Result<pid_t> spawn(const Spawn& request);

// Waits for the child, which has ended or will soon: its exit code, 128 + signal when it was killed.
int reap(pid_t child);

}  // namespace gantry
