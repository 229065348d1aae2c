#pragma once

#include <optional>
#include <string>

#include "port/log_store.h"

namespace gantry::logs {

// An event's place as 56 decimal digits, as CloudWatch writes event ids and paging tokens: time, then
// sequence. Sorts as the events do.
std::string format_event_id(const port::LogEventKey& key);
std::optional<port::LogEventKey> parse_event_id(std::string_view digits);

// Tokens of GetLogEvents. "f/DIGITS/s": what comes after the place; "b/DIGITS/s": what comes before it.
struct EventToken {
    bool forward = true;
    port::LogEventKey at;
};
std::string format_token(const EventToken& token);
std::optional<EventToken> parse_token(std::string_view text);

}  // namespace gantry::logs
