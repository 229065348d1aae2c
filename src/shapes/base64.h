#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gantry::shapes {

std::string encode_base64(std::string_view bytes);
// Standard alphabet, padding optional; nullopt for anything else.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace gantry::shapes
