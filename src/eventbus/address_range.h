#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gantry::eventbus {

// "10.0.0.0/24" or "2001:db8::/32"; an address alone is a range of one.
struct AddressRange {
    bool six = false;
    std::array<std::uint8_t, 16> bytes{};
    int prefix = 0;

    // Absent: neither an IPv4 nor an IPv6 block.
    static std::optional<AddressRange> parse(std::string_view text);
    // Whether the text is an address of the range.
    bool contains(std::string_view address) const;
};

}  // namespace gantry::eventbus
