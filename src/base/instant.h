#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gantry {

using Duration = std::chrono::milliseconds;

// A point in time as milliseconds since the Unix epoch. Real and policy time are different types on purpose:
// users of a development server may bend policy time (gantry clock), never real time.
template <class Tag>
struct Instant {
    std::int64_t ms = 0;

    friend constexpr auto operator<=>(Instant, Instant) = default;
    friend constexpr Instant operator+(Instant a, Duration d) { return {a.ms + d.count()}; }
    friend constexpr Instant operator-(Instant a, Duration d) { return {a.ms - d.count()}; }
    friend constexpr Duration operator-(Instant a, Instant b) { return Duration{a.ms - b.ms}; }
};

// Heartbeats, leases, probes, health checks, draining, stop timeouts, log timestamps.
using RealInstant = Instant<struct RealTag>;
// Time stamps of API answers, waits and cool-downs, retention, visibility of stopped things.
using PolicyInstant = Instant<struct PolicyTag>;

// "2026-11-23T10:37:00.123Z"; always UTC, always milliseconds.
std::string format_iso8601(std::int64_t ms);
// Accepts what AWS clients send: seconds with or without fraction, "Z" or "+hh:mm".
Result<std::int64_t> parse_iso8601(std::string_view text);

}  // namespace gantry
