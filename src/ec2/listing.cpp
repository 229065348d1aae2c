#include "ec2/listing.h"

namespace gantry::ec2 {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

}  // namespace

std::string encode_token(std::string_view last) {
    std::string token;
    for (const char c : last) {
        token += kDigits[static_cast<unsigned char>(c) >> 4];
        token += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return token;
}

Result<std::string> decode_token(std::string_view token) {
    std::string last;
    for (std::size_t at = 0; at + 1 < token.size(); at += 2) {
        const auto high = kDigits.find(token[at]);
        const auto low = kDigits.find(token[at + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) {
            last.clear();
            break;
        }
        last += static_cast<char>(high << 4 | low);
    }
    if (last.empty() || token.size() % 2 != 0)
        return refuse("InvalidPaginationToken", "The token '" + std::string(token) + "' is invalid");
    return last;
}

Result<std::size_t> page_size(const std::optional<std::int32_t>& max_results) {
    if (!max_results) return SIZE_MAX;
    if (*max_results < 5) {
        return invalid_value(
            "Value ( " + std::to_string(*max_results) +
            " ) for parameter maxResults is invalid. Expecting a value greater than 5."
        );
    }
    return static_cast<std::size_t>(std::min(*max_results, 1'000));
}

}  // namespace gantry::ec2
