#pragma once

#include <algorithm>
#include <cstdint>

#include "base/instant.h"
#include "logs/records.h"

namespace gantry::logs {

// Events before this are gone for readers, whenever the store lets go of them.
inline std::int64_t kept_since_ms(const LogGroupRecord& group, PolicyInstant now) {
    if (group.retention_days <= 0) return INT64_MIN;
    return now.ms - static_cast<std::int64_t>(group.retention_days) * 86'400'000;
}

}  // namespace gantry::logs
