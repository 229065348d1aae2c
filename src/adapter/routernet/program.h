#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace gantry::adapter::routernet {

struct Outcome {
    int exit_code = 0;   // 128 + signal when killed
    std::string output;  // what it wrote to stdout
    std::string errors;  // and to stderr, up to 64 KiB
};

// Starts a program in the calling thread's namespace: `in`, `out`, `err` become its standard streams (base/spawn.h).
// The caller reaps it. `unavailable` with "NAME is not installed" when there is none.
Result<pid_t> start(const std::vector<std::string>& command, int in, int out, int err);

// The same to its end. A program that takes longer than 20 s is killed: `timeout`. The calling thread must
// not die by SIGPIPE.
Result<Outcome> run(const std::vector<std::string>& command, const std::string& input = {});

}  // namespace gantry::adapter::routernet
