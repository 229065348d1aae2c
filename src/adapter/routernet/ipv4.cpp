#include "adapter/routernet/ipv4.h"

#include <charconv>

namespace gantry::adapter::routernet {
namespace {

// Decimal digits only, no sign, no leading blank; advances text.
std::optional<unsigned> take_number(std::string_view& text, unsigned max) {
    unsigned value = 0;
    if (text.empty() || text[0] < '0' || text[0] > '9') return {};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || value > max) return {};
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

std::uint32_t mask_of(int length) { return length == 0 ? 0 : ~0U << (32 - length); }

}  // namespace

std::optional<Ipv4> parse_ipv4(std::string_view text) {
    std::uint32_t value = 0;
    for (int part = 0; part < 4; ++part) {
        if (part > 0) {
            if (text.empty() || text[0] != '.') return {};
            text.remove_prefix(1);
        }
        auto number = take_number(text, 255);
        if (!number) return {};
        value = value << 8 | *number;
    }
    if (!text.empty()) return {};
    return Ipv4{value};
}

std::string format(Ipv4 a) {
    return std::to_string(a.value >> 24) + '.' + std::to_string(a.value >> 16 & 255) + '.' +
           std::to_string(a.value >> 8 & 255) + '.' + std::to_string(a.value & 255);
}

std::optional<Cidr> parse_cidr(std::string_view text) {
    auto slash = text.find('/');
    if (slash == text.npos) return {};
    auto address = parse_ipv4(text.substr(0, slash));
    auto rest = text.substr(slash + 1);
    auto length = take_number(rest, 32);
    if (!address || !length || !rest.empty()) return {};
    auto bits = static_cast<int>(*length);
    return Cidr{{address->value & mask_of(bits)}, bits};
}

std::string format(Cidr cidr) { return format(cidr.base) + '/' + std::to_string(cidr.length); }

bool overlap(Cidr a, Cidr b) {
    auto mask = mask_of(std::min(a.length, b.length));
    return (a.base.value & mask) == (b.base.value & mask);
}

}  // namespace gantry::adapter::routernet
