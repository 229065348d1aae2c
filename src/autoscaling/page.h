#pragma once

#include <optional>
#include <string>
#include <vector>

#include "autoscaling/resource.h"
#include "base/result.h"

namespace gantry::autoscaling {

inline constexpr std::size_t kPageMost = 50;

inline Result<std::size_t> admit_page_size(const std::optional<std::int32_t>& given) {
    if (!given) return kPageMost;
    if (*given < 1 || *given > static_cast<std::int32_t>(kPageMost))
        return invalid("MaxResults must be between 1 and " + std::to_string(kPageMost) + ".");
    return static_cast<std::size_t>(*given);
}

// Cuts a list of records, in the order in which they are shown, to the page that the token asks for. A token
// is the last key shown, without its scope. InvalidNextTokenException: no such record stands there.
template <class Pinned>
Result<std::optional<std::string>> cut_page(
    std::vector<Pinned>& all,
    const std::string& scope,
    const std::optional<std::string>& token,
    const std::optional<std::int32_t>& page_size
) {
    TRY(const auto most, admit_page_size(page_size));
    if (token) {
        auto last = all.begin();
        while (last != all.end() && (*last)->key() != scope + *token) ++last;
        if (last == all.end()) return refuse("InvalidNextTokenException", "The next token is not valid.");
        all.erase(all.begin(), last + 1);
    }
    if (all.size() <= most) return std::optional<std::string>();
    all.resize(most);
    return std::optional(all.back()->key().substr(scope.size()));
}

}  // namespace gantry::autoscaling
