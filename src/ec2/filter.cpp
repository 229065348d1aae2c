#include "ec2/filter.h"

#include <algorithm>

namespace gantry::ec2 {

bool matches_pattern(std::string_view pattern, std::string_view text) {
    std::size_t at = 0;
    std::size_t in = 0;
    // Where to try again: after the last star, which then takes one character more.
    std::size_t star = std::string_view::npos;
    std::size_t taken = 0;
    while (in < text.size()) {
        const bool escaped = at + 1 < pattern.size() && pattern[at] == '\\';
        const bool literal =
            at < pattern.size() &&
            (escaped ? pattern[at + 1] == text[in]
                     : pattern[at] != '*' && (pattern[at] == '?' || pattern[at] == text[in]));
        if (literal) {
            at += escaped ? 2 : 1;
            ++in;
        } else if (at < pattern.size() && pattern[at] == '*') {
            star = at++;
            taken = in;
        } else if (star != std::string_view::npos) {
            at = star + 1;
            in = ++taken;
        } else {
            return false;
        }
    }
    while (at < pattern.size() && pattern[at] == '*') ++at;
    return at == pattern.size();
}

bool matches(const shapes::ec2::Filter& filter, const Values& values) {
    if (!filter.values) return false;
    for (const auto& pattern : *filter.values) {
        for (const auto& value : values) {
            if (matches_pattern(pattern, value)) return true;
        }
    }
    return false;
}

FilterValues tag_values(const Tags& tags, std::string_view name) {
    Values values;
    if (name == "tag-key" || name == "tag-value") {
        for (const auto& [key, value] : tags) values.push_back(name == "tag-key" ? key : value);
        return values;
    }
    if (!name.starts_with("tag:")) return {};
    const auto found = tags.find(std::string(name.substr(4)));
    if (found != tags.end()) values.push_back(found->second);
    return values;
}

tl::unexpected<Error> unknown_filter(const std::string& name) {
    return refuse("InvalidParameterValue", "The filter '" + name + "' is invalid");
}

std::optional<Values> exact_values(const Filters& filters, std::string_view name) {
    if (!filters) return {};
    for (const auto& filter : *filters) {
        if (filter.name != name || !filter.values) continue;
        const auto wild = [](const std::string& value) {
            return value.find_first_of("*?\\") != std::string::npos;
        };
        if (std::none_of(filter.values->begin(), filter.values->end(), wild)) return *filter.values;
    }
    return {};
}

std::string text_of(bool value) { return value ? "true" : "false"; }

}  // namespace gantry::ec2
