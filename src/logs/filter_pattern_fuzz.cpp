#include <cstddef>
#include <cstdint>
#include <string>

#include "logs/filter_pattern.h"

// The pattern up to the first newline, then the message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input(reinterpret_cast<const char*>(data), size);
    const auto cut = input.find('\n');
    const auto pattern = gantry::logs::FilterPattern::parse(input.substr(0, cut));
    if (pattern) (void)pattern->matches(cut == std::string::npos ? input : input.substr(cut + 1));
    return 0;
}
