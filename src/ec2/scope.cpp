#include "ec2/scope.h"

#include <cstdint>

namespace gantry::ec2 {

std::string key_of(std::string_view account, std::string_view region, std::string_view id) {
    std::string key(account);
    key.append("/").append(region).append("/").append(id);
    return key;
}

std::string fresh_id(std::string_view prefix, state::Chance& chance) {
    return std::string(prefix) + "0" + chance.hex(16);
}

std::string seeded_id(
    std::string_view prefix, std::string_view account, std::string_view region, int number
) {
    // FNV-1a with a final mix: not secret, only stable and spread out.
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    const auto add = [&](std::string_view text) {
        for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        hash = (hash ^ 0xff) * 0x100000001b3ULL;
    };
    add(prefix);
    add(account);
    add(region);
    add(std::to_string(number));
    hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9ULL;
    hash = (hash ^ hash >> 27) * 0x94d049bb133111ebULL;
    hash ^= hash >> 31;
    std::string id = std::string(prefix) + "0";
    for (int digit = 0; digit < 16; ++digit) id += "0123456789abcdef"[hash >> 4 * digit & 0xf];
    return id;
}

std::string arn_of(
    std::string_view account, std::string_view region, std::string_view type, std::string_view id
) {
    std::string arn = "arn:aws:ec2:";
    arn.append(region).append(":").append(account).append(":").append(type).append("/").append(id);
    return arn;
}

}  // namespace gantry::ec2
