#include "eventbus/address_range.h"

#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <string>

namespace gantry::eventbus {

namespace {

std::optional<AddressRange> parse_address(std::string_view text) {
    // A zone ("fe80::1%eth0") is nobody else's business.
    if (text.find('%') != std::string_view::npos) return std::nullopt;
    boost::system::error_code failed;
    const auto address = boost::asio::ip::make_address(std::string(text), failed);
    if (failed) return std::nullopt;
    AddressRange range;
    range.six = address.is_v6();
    range.prefix = range.six ? 128 : 32;
    if (range.six) {
        range.bytes = address.to_v6().to_bytes();
    } else {
        const auto bytes = address.to_v4().to_bytes();
        std::copy(bytes.begin(), bytes.end(), range.bytes.begin());
    }
    return range;
}

}  // namespace

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
    const auto slash = text.find('/');
    auto range = parse_address(text.substr(0, slash));
    if (!range || slash == std::string_view::npos) return range;
    const auto digits = text.substr(slash + 1);
    int prefix = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (error != std::errc() || end != digits.data() + digits.size() || prefix < 0 || prefix > range->prefix)
        return std::nullopt;
    range->prefix = prefix;
    return range;
}

bool AddressRange::contains(std::string_view address) const {
    const auto other = parse_address(address);
    if (!other || other->six != six) return false;
    for (int bit = 0; bit < prefix; ++bit) {
        const auto byte = static_cast<std::size_t>(bit / 8);
        const int mask = 0x80 >> (bit % 8);
        if ((bytes[byte] & mask) != (other->bytes[byte] & mask)) return false;
    }
    return true;
}

}  // namespace gantry::eventbus
