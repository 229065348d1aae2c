#include "adapter/haproxy/text.h"

#include <cstdint>

namespace gantry::adapter::haproxy {
namespace {

constexpr char hexadecimal[] = "0123456789abcdef";

bool plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '-' || c == '_';
}

}  // namespace

std::string quoted(std::string_view value) {
    std::string out = "'";
    for (const char c : value) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            out += '?';
        } else if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + "'";
}

std::string format_literal(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (c == '%') out += '%';
        out += c;
    }
    return out;
}

std::string section_name(std::string_view prefix, std::string_view id) {
    // FNV-1a: the same in every build, since names outlive the process that chose them.
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    std::string out(prefix);
    for (int shift = 60; shift >= 0; shift -= 4) out += hexadecimal[(hash >> shift) & 15];
    return out;
}

std::string wildcard_regex(std::string_view pattern, std::string_view one) {
    std::string out;
    for (const char c : pattern) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '*') {
            out.append(one) += '*';
        } else if (c == '?') {
            out += one;
        } else if (plain(c)) {
            out += c;
        } else {
            out += "\\x";
            out += hexadecimal[byte >> 4];
            out += hexadecimal[byte & 15];
        }
    }
    return out;
}

}  // namespace gantry::adapter::haproxy
