#pragma once

#include <boost/describe.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "shapes/ecs/shapes.h"

namespace gantry::ecs {

// One tag as a record keeps it, in the order in which it was put.
struct Tagged {
    std::string key;
    std::string value;
    friend bool operator==(const Tagged&, const Tagged&) = default;
};
BOOST_DESCRIBE_STRUCT(Tagged, (), (key, value))

using Tags = std::vector<Tagged>;

inline constexpr std::size_t kTagsMax = 50;  // "aws:" tags do not count

// What a request may put on a resource. Refuses an empty list, duplicate keys, the reserved prefix and more
// than 50 tags with `code` (ECS uses ClientException for task definitions, InvalidParameterException
// elsewhere).
Result<Tags> admit_tags(
    const std::optional<std::vector<shapes::ecs::Tag>>& tags, const char* code = "InvalidParameterException"
);

// Later tags win. LimitExceededException-free: the caller checks with too_many().
void merge_tags(Tags& into, const Tags& more);
bool too_many(const Tags& tags);
void drop_tags(Tags& from, const std::vector<std::string>& keys);

// Always present, also when empty, as ECS answers it.
std::vector<shapes::ecs::Tag> tag_shapes(const Tags& tags);

}  // namespace gantry::ecs
