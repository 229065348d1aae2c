#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/assertion.h"
#include "base/result.h"
#include "port/log_store.h"

namespace gantry::adapter::logstore {

// Events of one stream whose times lie in one hour of the epoch: one row of the store. Sorted by key.
struct Chunk {
    std::int64_t hour = 0;
    std::int64_t min_ms = 0;
    std::int64_t max_ms = 0;
    std::uint64_t events = 0;
    std::uint64_t raw_bytes = 0;  // billable(): messages and 26 bytes for each
    std::string data;             // a zstd frame with checksum
};

// Chunks are cut when they reach this many raw bytes: large enough to compress well, small enough that one
// that is looked into for a single line costs little.
inline constexpr std::size_t kChunkBytes = 96 * 1024;

constexpr std::int64_t hour_of(std::int64_t ms) {
    constexpr std::int64_t kHour = 3'600'000;
    return ms >= 0 ? ms / kHour : -((-ms + kHour - 1) / kHour);
}

// What CloudWatch counts for an event.
inline std::uint64_t billable(const port::LogEvent& event) { return event.message.size() + 26; }

// Sorts, cuts at hours and at kChunkBytes, compresses.
std::vector<Chunk> pack(std::vector<port::LogEvent> events);

// `invalid` when the bytes are damaged (the frame's checksum does not fit) or are no chunk.
Result<std::vector<port::LogEvent>> unpack(std::string_view data);

}  // namespace gantry::adapter::logstore
