#include "ecs/idempotency.h"

#include <cstdint>

namespace gantry::ecs {

std::string fingerprint(std::string_view text) {
    // Two FNV-1a hashes of different start. It guards against mistakes, not against an adversary: the token
    // and both requests are the same caller's.
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (std::uint64_t hash : {0xcbf29ce484222325ULL, 0x9ae16a3b2f90404fULL}) {
        for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        for (int shift = 60; shift >= 0; shift -= 4) out.push_back(kDigits[(hash >> shift) & 0xf]);
    }
    return out;
}

}  // namespace gantry::ecs
