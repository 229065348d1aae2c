#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::wire {

// 20240131T235959Z, the time of SigV4; seconds since 1970.
std::optional<std::int64_t> parse_basic_time(std::string_view text);
std::string format_basic_time(std::int64_t seconds);

// 2024-01-31T23:59:59.123Z; milliseconds since 1970. Reading takes any fraction, an offset, a plain date, or
// epoch seconds.
std::optional<std::int64_t> parse_time(std::string_view text);
std::string format_time(std::int64_t ms);

}  // namespace gantry::wire
