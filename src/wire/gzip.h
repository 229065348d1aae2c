#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gantry::wire {

// Errc::exhausted if the plain text would be longer than max_bytes, Errc::invalid if it is no complete gzip
// stream.
Result<std::string> gunzip(std::string_view compressed, std::size_t max_bytes);

}  // namespace gantry::wire
