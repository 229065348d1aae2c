#pragma once

#include <cstddef>

#include "adapter/routernet/ipv4.h"
#include "base/result.h"

namespace gantry::adapter::routernet {

// Deletes every connection-tracking entry of the calling thread's namespace that has the address at any end;
// how many.
Result<std::size_t> forget_connections(Ipv4 address);

}  // namespace gantry::adapter::routernet
