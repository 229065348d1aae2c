#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::ec2 {

// An IPv4 address in host byte order, so that it can be counted and compared.
struct Ipv4 {
    std::uint32_t bits = 0;

    friend auto operator<=>(Ipv4, Ipv4) = default;
};

// Four decimal numbers and nothing else; absent otherwise.
std::optional<Ipv4> parse_ipv4(std::string_view text);
std::string format(Ipv4 address);

// A block of IPv4 addresses. The network address has no bits beyond the prefix (normal form) unless said
// otherwise.
struct Cidr {
    Ipv4 network;
    int prefix = 0;

    std::uint64_t size() const { return std::uint64_t{1} << (32 - prefix); }
    Ipv4 first() const { return network; }
    Ipv4 last() const { return {static_cast<std::uint32_t>(network.bits + (size() - 1))}; }
    bool contains(Ipv4 address) const { return first() <= address && address <= last(); }
    bool contains(const Cidr& other) const { return other.prefix >= prefix && contains(other.network); }
    bool overlaps(const Cidr& other) const { return contains(other.network) || other.contains(network); }

    friend auto operator<=>(const Cidr&, const Cidr&) = default;
};

// "a.b.c.d/n". Bits beyond the prefix are kept: normalised() clears them, as EC2 does for VPCs, subnets and
// security group rules.
std::optional<Cidr> parse_cidr(std::string_view text);
Cidr normalised(Cidr cidr);
std::string format(const Cidr& cidr);

// The canonical text of an IPv6 block ("::/0", "2001:db8::/32"), or absent.
std::optional<std::string> normalise_ipv6_cidr(std::string_view text);

// What EC2 calls the private host names of instances: "ip-10-0-0-4.ap-northeast-1.compute.internal",
// "ip-10-0-0-4.ec2.internal" in us-east-1.
std::string private_dns_name(Ipv4 address, std::string_view region);
// "ec2-198-18-0-4.ap-northeast-1.compute.amazonaws.com", "…compute-1.amazonaws.com" in us-east-1.
std::string public_dns_name(Ipv4 address, std::string_view region);

}  // namespace gantry::ec2
