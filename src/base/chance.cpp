#include "base/chance.h"

namespace gantry {

std::string Chance::hex(int digits) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(digits);
    std::uint64_t pool = 0;
    for (int i = 0; i < digits; ++i) {
        if (i % 16 == 0) pool = draw();
        text.push_back(kDigits[pool & 0xf]);
        pool >>= 4;
    }
    return text;
}

std::string Chance::uuid() {
    std::string text = hex(32);
    text[12] = '4';
    static constexpr char kVariant[] = "89ab";
    text[16] = kVariant[draw() & 3];
    for (const int at : {8, 13, 18, 23}) text.insert(at, 1, '-');
    return text;
}

std::string Chance::base32(int digits) {
    static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string text;
    for (int i = 0; i < digits; ++i) text.push_back(kDigits[draw() & 31]);
    return text;
}

}  // namespace gantry
