#pragma once

#include <string>

#include "base/result.h"

namespace gantry::adapter::haproxy {

// One exchange with HAProxy's command interface: connects, sends the line, reads until the other end closes.
// Blocks for at most two seconds. `unavailable`: nobody listens there; `timeout`.
Result<std::string> ask(const std::string& socket_path, const std::string& command);

}  // namespace gantry::adapter::haproxy
