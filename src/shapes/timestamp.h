#pragma once

#include <compare>
#include <cstdint>

namespace gantry::shapes {

// A point in time of an AWS shape: milliseconds since 1970 UTC. On the wire JSON sends it as epoch seconds
// (a number, fraction allowed), query and ec2 as ISO 8601.
struct Timestamp {
    std::int64_t ms = 0;

    friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

}  // namespace gantry::shapes
