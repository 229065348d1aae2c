#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "iam/page.h"

namespace gantry::codedeploy {

inline constexpr std::size_t kPageSize = 100;

// Cuts a list of names, in its own order, to kPageSize entries after the one that the token names, and gives
// the token of the next page. Error: InvalidNextTokenException.
inline Result<std::optional<std::string>> cut_page(
    std::vector<std::string>& names, const std::optional<std::string>& token
) {
    if (token && !token->empty()) {
        const auto after = iam::decode_marker(*token);
        const auto found = after ? std::find(names.begin(), names.end(), *after) : names.end();
        if (found == names.end())
            return refuse("InvalidNextTokenException", "The next token was specified in an invalid format.");
        names.erase(names.begin(), found + 1);
    }
    if (names.size() <= kPageSize) return std::optional<std::string>();
    names.resize(kPageSize);
    return std::optional(iam::encode_marker(names.back()));
}

}  // namespace gantry::codedeploy
