#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gantry::iam {

// IAM's paging: MaxItems (100 unless told) and a Marker that says after which name to go on.
struct PageEnd {
    bool truncated = false;
    std::optional<std::string> marker;
};

// Hexadecimal, so that it survives any quoting; opaque to clients.
std::string encode_marker(std::string_view name);
Result<std::string> decode_marker(std::string_view marker);

// Cuts a list that is sorted by `name`.
template <class T, class Name>
Result<PageEnd> cut_page(
    std::vector<T>& list,
    const std::optional<std::string>& marker,
    const std::optional<std::int32_t>& max_items,
    const Name& name
) {
    if (marker) {
        TRY(const std::string after, decode_marker(*marker));
        list.erase(list.begin(), std::find_if(list.begin(), list.end(), [&](const T& item) {
                       return name(item) > after;
                   }));
    }
    const auto most = static_cast<std::size_t>(std::clamp(max_items.value_or(100), 1, 1'000));
    if (list.size() <= most) return PageEnd{};
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(most), list.end());
    return PageEnd{true, encode_marker(name(list.back()))};
}

// Puts a list and its page's end into a response with Marker and IsTruncated.
template <class Response>
void close_page(Response& response, PageEnd end) {
    response.is_truncated = end.truncated;
    response.marker = std::move(end.marker);
}

}  // namespace gantry::iam
