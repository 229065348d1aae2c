#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::adapter::routernet {

// An IPv4 address in host byte order.
struct Ipv4 {
    std::uint32_t value = 0;

    friend constexpr auto operator<=>(Ipv4, Ipv4) = default;
};

// A prefix whose host bits are zero.
struct Cidr {
    Ipv4 base;
    int length = 32;

    friend constexpr auto operator<=>(Cidr, Cidr) = default;
};

// Strictly four decimal parts; nothing else is an address.
std::optional<Ipv4> parse_ipv4(std::string_view text);
std::string format(Ipv4 address);

// "a.b.c.d/n"; host bits are cleared, as AWS does. An address without a length is not a CIDR.
std::optional<Cidr> parse_cidr(std::string_view text);
std::string format(Cidr cidr);

bool overlap(Cidr a, Cidr b);

}  // namespace gantry::adapter::routernet
