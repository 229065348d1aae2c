#include "ecs/arn.h"

#include <array>

namespace gantry::ecs {

std::optional<Arn> parse_arn(std::string_view text) {
    std::array<std::string_view, 5> part;
    for (auto& piece : part) {
        const auto colon = text.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        piece = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    if (part[0] != "arn" || part[2] != "ecs" || text.empty()) return std::nullopt;
    return Arn{part[3], part[4], text};
}

}  // namespace gantry::ecs
