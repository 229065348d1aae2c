#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

#include "eventbus/event_pattern.h"

// The pattern up to the first newline, then the event.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input(reinterpret_cast<const char*>(data), size);
    const auto cut = input.find('\n');
    const auto pattern = gantry::eventbus::EventPattern::parse(input.substr(0, cut));
    if (!pattern) return 0;
    boost::system::error_code failed;
    const auto event = boost::json::parse(cut == std::string::npos ? "{}" : input.substr(cut + 1), failed);
    if (!failed) (void)pattern->matches(event);
    return 0;
}
