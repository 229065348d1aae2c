#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "metric/point.h"

namespace gantry::adapter::metricstore {

// A point and the row id of its metric.
struct Entry {
    std::int64_t metric = 0;
    metric::Point point;
    friend bool operator==(const Entry&, const Entry&) = default;
};

// A zstd frame with checksum. Smallest when sorted by metric and time.
std::string pack(const std::vector<Entry>& entries);
// `invalid` when the bytes are damaged or are none of ours.
Result<std::vector<Entry>> unpack(std::string_view bytes);

// Dimensions as one text that no other dimensions have, and back.
std::string join_dimensions(const std::vector<std::pair<std::string, std::string>>& dimensions);
std::vector<std::pair<std::string, std::string>> split_dimensions(std::string_view text);

}  // namespace gantry::adapter::metricstore
