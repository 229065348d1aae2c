#include "codedeploy/name.h"

#include <algorithm>

namespace gantry::codedeploy {

Result<> check_name(std::string_view name, const char* code, std::string_view noun) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._+=,@-").find(c) != std::string_view::npos;
    };
    if (std::all_of(name.begin(), name.end(), allowed)) return {};
    return refuse(
        code, "The " + std::string(noun) + " name '" + std::string(name) +
                  "' is not valid: it may have letters, numbers and the characters . _ + = , @ -"
    );
}

}  // namespace gantry::codedeploy
