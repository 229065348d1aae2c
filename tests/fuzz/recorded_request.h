#pragma once

#include <algorithm>
#include <string_view>

#include "wire/http.h"

namespace gantry::fuzz {

// The format of src/wire/golden: a line of JSON (if it starts with '{'), "METHOD TARGET", headers, an empty
// line, the body. Any bytes give some request.
inline wire::HttpRequest parse_recorded(std::string_view text) {
    const auto take_line = [&text] {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        return line;
    };
    if (text.starts_with('{')) take_line();
    wire::HttpRequest request;
    const auto start = take_line();
    const auto space = std::min(start.find(' '), start.size());
    request.method = start.substr(0, space);
    request.target = start.substr(std::min(space + 1, start.size()));
    for (auto line = take_line(); !line.empty(); line = take_line()) {
        const auto colon = std::min(line.find(": "), line.size());
        request.headers.emplace_back(line.substr(0, colon), line.substr(std::min(colon + 2, line.size())));
    }
    request.body = text;
    return request;
}

}  // namespace gantry::fuzz
