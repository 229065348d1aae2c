#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace gantry::adapter::containerd {

// A program started in a session of its own that outlives this process; its output is appended to log_path. not_found
// when the program is not installed.
Result<int> spawn_detached(const std::vector<std::string>& arguments, const std::string& log_path);

// Completes when the process (a child or not) has ended, and reaps it if it is a child.
boost::asio::awaitable<Result<>> wait_end(int pid);

struct Finished {
    int exit_code = 0;  // 128 + signal when killed
    std::string tail;   // the last 4 KiB of its output
};
struct Subprocess {
    std::vector<std::string> arguments;
    std::string password;  // given at a terminal prompt that ends in "Password: ", never as an argument
    std::function<void(const std::string& line)> on_line;
};
// Runs a program to its end; stdout and stderr are one. Cancelling kills it.
boost::asio::awaitable<Result<Finished>> run(Subprocess subprocess);

}  // namespace gantry::adapter::containerd
