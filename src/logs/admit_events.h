#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"

namespace gantry::logs {

struct NewEvent {
    std::int64_t timestamp_ms = 0;
    std::string message;
};

// Which events of a batch are taken: [first, last). What is told to the caller is as PutLogEvents has it.
struct Admitted {
    std::size_t first = 0;
    std::size_t last = 0;
    std::optional<std::int32_t> too_new_start;  // from this index on: more than 2 hours ahead
    std::optional<std::int32_t> too_old_end;    // below this index: more than 14 days old
    std::optional<std::int32_t> expired_end;    // below this index: past the group's retention
};

// PutLogEvents' rules for a batch: size, order, span, age. retention_days 0: none.
Result<Admitted> admit_events(const std::vector<NewEvent>& events, RealInstant now, int retention_days);

}  // namespace gantry::logs
