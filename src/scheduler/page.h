#pragma once

#include <optional>
#include <string>

#include "scheduler/schedule_group.h"
#include "shapes/base64.h"
#include "state/view.h"

namespace gantry::scheduler {

inline constexpr std::size_t kPageMost = 100;

// Gives `take` the records whose keys start with `prefix`, in their order, from where the token says (it hides the last key
// that was given), until it has taken as many as fit a page. Returns the next page's token. ValidationException: the
// token hides no such key.
template <class R, class Take>
Result<std::optional<std::string>> take_page(
    const state::View& view,
    const std::string& prefix,
    const std::optional<std::string>& token,
    const std::optional<std::int32_t>& limit,
    Take take
) {
    std::string after = prefix;
    if (token) {
        const auto bytes = shapes::decode_base64(*token);
        if (!bytes || !bytes->starts_with(prefix)) return refuse(kInvalid, "Invalid NextToken.");
        after = *bytes;
    }
    auto left = limit ? static_cast<std::size_t>(*limit) : kPageMost;
    while (true) {
        const auto page = view.page<R>(prefix, after, kPageMost);
        for (const auto& record : page.records) {
            if (left == 0) return std::optional(shapes::encode_base64(after));
            left -= take(*record) ? 1 : 0;
            after = record->key();
        }
        if (!page.next_after) return std::optional<std::string>();
        after = *page.next_after;
    }
}

}  // namespace gantry::scheduler
