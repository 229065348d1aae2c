#include "iam/page.h"

namespace gantry::iam {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

}  // namespace

std::string encode_marker(std::string_view name) {
    std::string marker;
    for (const char c : name) {
        marker += kDigits[static_cast<unsigned char>(c) >> 4];
        marker += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return marker;
}

Result<std::string> decode_marker(std::string_view marker) {
    std::string name;
    for (std::size_t at = 0; at + 1 < marker.size(); at += 2) {
        const auto high = kDigits.find(marker[at]);
        const auto low = kDigits.find(marker[at + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos)
            return refuse("ValidationError", "Invalid Marker.");
        name += static_cast<char>(high << 4 | low);
    }
    if (name.empty() || marker.size() % 2 != 0) return refuse("ValidationError", "Invalid Marker.");
    return name;
}

}  // namespace gantry::iam
