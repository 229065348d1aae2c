#include "ecs/paging.h"

#include "base/assertion.h"

namespace gantry::ecs {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

std::string hex_of(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
        out.push_back(kDigits[c & 0xf]);
    }
    return out;
}

std::optional<std::string> text_of(std::string_view hex) {
    if (hex.empty() || hex.size() % 2 != 0) return std::nullopt;
    std::string out;
    for (std::size_t at = 0; at < hex.size(); at += 2) {
        const auto high = kDigits.find(hex[at]);
        const auto low = kDigits.find(hex[at + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
        out.push_back(static_cast<char>(high * 16 + low));
    }
    return out;
}

}  // namespace

Result<PageStart> admit_page(
    const std::optional<std::string>& next_token,
    const std::optional<std::int32_t>& max_results,
    std::string_view scope,
    std::int32_t limit_max
) {
    PageStart start;
    start.limit = limit_max;
    if (max_results) {
        if (*max_results < 1 || *max_results > limit_max) {
            return refuse(
                "InvalidParameterException",
                "maxResults must be between 1 and " + std::to_string(limit_max) + "."
            );
        }
        start.limit = *max_results;
    }
    if (next_token && !next_token->empty()) {
        const auto key = text_of(*next_token);
        if (!key) return refuse("InvalidParameterException", "Invalid token.");
        start.after = std::string(scope) + *key;
    }
    return start;
}

std::optional<std::string> next_token(const std::optional<std::string>& next_after, std::string_view scope) {
    if (!next_after) return std::nullopt;
    ASSERT(next_after->starts_with(scope), "a page that ends in another scope");
    return hex_of(std::string_view(*next_after).substr(scope.size()));
}

}  // namespace gantry::ecs
