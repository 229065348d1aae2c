#include "ec2/address.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace gantry::ec2 {
namespace {

std::optional<unsigned> parse_number(std::string_view text, unsigned most) {
    // EC2 refuses "010": such a number is octal to some and decimal to others.
    if (text.empty() || text.size() > 3 || (text.size() > 1 && text.front() == '0')) return {};
    unsigned number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || end != text.data() + text.size() || number > most) return {};
    return number;
}

std::string dashed(Ipv4 address) {
    std::string text = format(address);
    for (char& c : text) {
        if (c == '.') c = '-';
    }
    return text;
}

}  // namespace

std::optional<Ipv4> parse_ipv4(std::string_view text) {
    Ipv4 address;
    for (int part = 0; part < 4; ++part) {
        const auto dot = text.find('.');
        if ((dot == std::string_view::npos) != (part == 3)) return {};
        const auto number = parse_number(text.substr(0, dot), 255);
        if (!number) return {};
        address.bits = address.bits << 8 | *number;
        text.remove_prefix(dot == std::string_view::npos ? text.size() : dot + 1);
    }
    return address;
}

std::string format(Ipv4 address) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) {
        text += std::to_string(address.bits >> shift & 0xff);
        if (shift > 0) text += '.';
    }
    return text;
}

std::optional<Cidr> parse_cidr(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return {};
    const auto address = parse_ipv4(text.substr(0, slash));
    const auto prefix = parse_number(text.substr(slash + 1), 32);
    if (!address || !prefix) return {};
    return Cidr{*address, static_cast<int>(*prefix)};
}

Cidr normalised(Cidr cidr) {
    cidr.network.bits &= static_cast<std::uint32_t>(~(cidr.size() - 1));
    return cidr;
}

std::string format(const Cidr& cidr) { return format(cidr.network) + "/" + std::to_string(cidr.prefix); }

std::optional<std::string> normalise_ipv6_cidr(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return {};
    const auto prefix = parse_number(text.substr(slash + 1), 128);
    std::array<unsigned char, 16> bytes{};
    if (!prefix || inet_pton(AF_INET6, std::string(text.substr(0, slash)).c_str(), bytes.data()) != 1)
        return {};
    for (unsigned bit = *prefix; bit < 128; ++bit)
        bytes[bit / 8] &= static_cast<unsigned char>(~(0x80 >> bit % 8));
    std::array<char, INET6_ADDRSTRLEN> name{};
    inet_ntop(AF_INET6, bytes.data(), name.data(), name.size());
    return std::string(name.data()) + "/" + std::to_string(*prefix);
}

std::string private_dns_name(Ipv4 address, std::string_view region) {
    if (region == "us-east-1") return "ip-" + dashed(address) + ".ec2.internal";
    return "ip-" + dashed(address) + "." + std::string(region) + ".compute.internal";
}

std::string public_dns_name(Ipv4 address, std::string_view region) {
    if (region == "us-east-1") return "ec2-" + dashed(address) + ".compute-1.amazonaws.com";
    return "ec2-" + dashed(address) + "." + std::string(region) + ".compute.amazonaws.com";
}

}  // namespace gantry::ec2
