#pragma once

#include <string>

#include "installation.h"

namespace gantry::app {

// One request to the running server's own interface below /_gantry/, which only loopback callers reach.
// `unavailable` when no server answers; `refused` with the server's words when it says no.
Result<std::string> ask_server(
    const Installation& installation,
    const std::string& method,
    const std::string& path,
    const std::string& body = {}
);

}  // namespace gantry::app
