#pragma once

#include <optional>
#include <string>
#include <vector>

#include "eventbus/find_bus.h"
#include "shapes/base64.h"
#include "state/view.h"

namespace gantry::eventbus {

inline constexpr std::size_t kPageMost = 100;

// The records of a table whose keys start with `prefix`, from where the token says: it hides the last key that
// was given. ValidationException: it hides none.
template <class R>
Result<state::Page<R>> page_from(
    const state::View& view,
    const std::string& prefix,
    const std::optional<std::string>& token,
    const std::optional<std::int32_t>& limit
) {
    std::string after;
    if (token) {
        const auto bytes = shapes::decode_base64(*token);
        if (!bytes || !bytes->starts_with(prefix)) return refuse(kInvalid, "Parameter NextToken is not valid.");
        after = *bytes;
    }
    return view.page<R>(prefix, after, limit ? static_cast<std::size_t>(*limit) : kPageMost);
}

inline std::optional<std::string> token_of(const std::optional<std::string>& next_after) {
    return next_after ? std::optional(shapes::encode_base64(*next_after)) : std::nullopt;
}

}  // namespace gantry::eventbus
