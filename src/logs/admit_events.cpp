#include "logs/admit_events.h"

#include <algorithm>

namespace gantry::logs {
namespace {

constexpr const char* kInvalid = "InvalidParameterException";
constexpr std::size_t kBatchBytesMax = 1'048'576;
constexpr std::size_t kEventBytesMax = 1'048'576;
constexpr std::size_t kEventsMax = 10'000;
constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;

}  // namespace

Result<Admitted> admit_events(const std::vector<NewEvent>& events, RealInstant now, int retention_days) {
    if (events.empty() || events.size() > kEventsMax)
        return refuse(kInvalid, "A batch must have between 1 and 10000 log events.");
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const auto size = events[i].message.size() + 26;
        if (size > kEventBytesMax)
            return refuse(
                kInvalid, "Log event too large: " + std::to_string(size) + " bytes exceeds limit of " +
                              std::to_string(kEventBytesMax)
            );
        bytes += size;
        if (i > 0 && events[i].timestamp_ms < events[i - 1].timestamp_ms)
            return refuse(
                kInvalid, "Log events in a single PutLogEvents request must be in chronological order."
            );
    }
    if (bytes > kBatchBytesMax)
        return refuse(
            kInvalid, "Upload too large: " + std::to_string(bytes) + " bytes exceeds limit of " +
                          std::to_string(kBatchBytesMax)
        );
    if (events.back().timestamp_ms - events.front().timestamp_ms > kDay)
        return refuse(
            kInvalid,
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        );

    // Sorted by time: each rule cuts at one place.
    const auto below = [&](std::int64_t ms) {
        return static_cast<std::size_t>(
            std::ranges::lower_bound(events, ms, {}, &NewEvent::timestamp_ms) - events.begin()
        );
    };
    Admitted admitted{0, events.size(), {}, {}, {}};
    const auto too_new = below(now.ms + 2 * kHour + 1);
    if (too_new < events.size()) {
        admitted.too_new_start = static_cast<std::int32_t>(too_new);
        admitted.last = too_new;
    }
    const auto too_old = below(now.ms - 14 * kDay);
    if (too_old > 0) {
        admitted.too_old_end = static_cast<std::int32_t>(too_old);
        admitted.first = too_old;
    }
    if (retention_days > 0) {
        const auto expired = below(now.ms - retention_days * kDay);
        if (expired > 0 && retention_days < 14) {
            admitted.expired_end = static_cast<std::int32_t>(expired);
            admitted.first = std::max(admitted.first, expired);
        }
    }
    admitted.first = std::min(admitted.first, admitted.last);
    return admitted;
}

}  // namespace gantry::logs
