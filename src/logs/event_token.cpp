#include "logs/event_token.h"

#include <algorithm>
#include <charconv>

namespace gantry::logs {
namespace {

constexpr std::size_t kDigits = 56;
constexpr std::size_t kTimeDigits = 28;

std::string padded(std::uint64_t number, std::size_t width) {
    auto digits = std::to_string(number);
    return std::string(width - digits.size(), '0') + digits;
}

std::optional<std::uint64_t> number_of(std::string_view digits) {
    if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.empty()) return 0;
    std::uint64_t number = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (failed != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

}  // namespace

std::string format_event_id(const port::LogEventKey& key) {
    return padded(static_cast<std::uint64_t>(std::max<std::int64_t>(key.timestamp_ms, 0)), kTimeDigits) +
           padded(key.sequence, kDigits - kTimeDigits);
}

std::optional<port::LogEventKey> parse_event_id(std::string_view digits) {
    if (digits.size() != kDigits) return std::nullopt;
    const auto time = number_of(digits.substr(0, kTimeDigits));
    const auto sequence = number_of(digits.substr(kTimeDigits));
    if (!time || !sequence || *time > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    return port::LogEventKey{static_cast<std::int64_t>(*time), *sequence};
}

std::string format_token(const EventToken& token) {
    return (token.forward ? "f/" : "b/") + format_event_id(token.at) + "/s";
}

std::optional<EventToken> parse_token(std::string_view text) {
    if (text.size() != kDigits + 4 || !text.ends_with("/s")) return std::nullopt;
    if (!text.starts_with("f/") && !text.starts_with("b/")) return std::nullopt;
    const auto at = parse_event_id(text.substr(2, kDigits));
    if (!at) return std::nullopt;
    return EventToken{text.front() == 'f', *at};
}

}  // namespace gantry::logs
