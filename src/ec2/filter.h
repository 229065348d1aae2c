#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ec2/scope.h"
#include "shapes/ec2/shapes.h"

namespace gantry::ec2 {

using Filters = std::optional<std::vector<shapes::ec2::Filter>>;
// What a record has under a filter's name: none, one or several values.
using Values = std::vector<std::string>;
// Absent: there is no such filter for this kind of resource.
using FilterValues = std::optional<Values>;

// EC2's patterns: '*' is any text, '?' any one character, '\' takes the next character as it is.
bool matches_pattern(std::string_view pattern, std::string_view text);

// Whether one of the filter's values matches one of the record's.
bool matches(const shapes::ec2::Filter& filter, const Values& values);

// "tag:KEY", "tag-key" and "tag-value" for every resource with tags.
FilterValues tag_values(const Tags& tags, std::string_view name);

tl::unexpected<Error> unknown_filter(const std::string& name);

// All filters must match. `fields(name)` gives FilterValues of one record.
template <class Fields>
Result<bool> matches_all(const Filters& filters, const Tags& tags, const Fields& fields) {
    if (!filters) return true;
    bool all = true;
    for (const auto& filter : *filters) {
        const std::string name = filter.name.value_or("");
        FilterValues values = tag_values(tags, name);
        if (!values) values = fields(name);
        if (!values) return unknown_filter(name);
        all = all && matches(filter, *values);
    }
    return all;
}

// The values of a filter when they are plain texts without wildcards: then an index may narrow the search.
std::optional<Values> exact_values(const Filters& filters, std::string_view name);

std::string text_of(bool value);

}  // namespace gantry::ec2
