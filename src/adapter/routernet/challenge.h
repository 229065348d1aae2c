#pragma once

#include <vector>

#include "adapter/routernet/conntrack.h"
#include "base/result.h"

namespace gantry::adapter::routernet {

// Makes the clients of TCP connections that are not tracked any more speak, so that they get the reset that
// their next packet brings: one that only waits for an answer would wait for ever. (A reset of our own would
// need the sequence number that the client expects; a segment that makes no sense is answered with it, RFC
// 5961.) Best effort: a segment can be lost. The calling thread is in the router namespace.
Result<> challenge_clients(const std::vector<Connection>& connections);

}  // namespace gantry::adapter::routernet
