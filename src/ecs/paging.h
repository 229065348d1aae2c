#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gantry::ecs {

// Where a page of a list starts: after this record key ("" from the start), at most so many.
struct PageStart {
    std::string after;
    std::size_t limit = 100;
};

// nextToken and maxResults as ECS's list operations take them (1 to 100, 100 when absent). A token carries
// the last record key without its scope.
Result<PageStart> admit_page(
    const std::optional<std::string>& next_token,
    const std::optional<std::int32_t>& max_results,
    std::string_view scope,
    std::int32_t limit_max = 100
);
std::optional<std::string> next_token(const std::optional<std::string>& next_after, std::string_view scope);

}  // namespace gantry::ecs
