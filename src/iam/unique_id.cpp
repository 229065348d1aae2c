#include "iam/unique_id.h"

#include <cstdint>

namespace gantry::iam {

std::string fresh_unique_id(std::string_view prefix, state::Chance& chance) {
    return std::string(prefix) + chance.base32(17);
}

std::string fresh_access_key(std::string_view prefix, state::Chance& chance) {
    return std::string(prefix) + chance.base32(16);
}

std::string fresh_secret(state::Chance& chance) {
    static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string secret;
    for (int i = 0; i < 40; ++i) secret += kDigits[chance.draw() & 63];
    return secret;
}

std::string seeded_unique_id(std::string_view prefix, std::string_view account, std::string_view name) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a: not secret, only stable and spread out
    const auto add = [&](std::string_view text) {
        for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        hash = (hash ^ 0xff) * 0x100000001b3ULL;
    };
    add(prefix);
    add(account);
    add(name);
    std::string id(prefix);
    for (int digit = 0; digit < 17; ++digit) {
        hash += 0x9e3779b97f4a7c15ULL;
        std::uint64_t mixed = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9ULL;
        mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebULL;
        id += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(mixed ^ mixed >> 31) & 31];
    }
    return id;
}

std::string arn_of(
    std::string_view account, std::string_view kind, std::string_view path, std::string_view name
) {
    std::string arn = "arn:aws:iam::";
    arn.append(account).append(":").append(kind).append(path).append(name);
    return arn;
}

std::string key_of(std::string_view account, std::string_view name) {
    return std::string(account).append("/").append(name);
}

std::string lower(std::string_view name) {
    std::string text(name);
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

}  // namespace gantry::iam
