#include "elbv2/name.h"

#include <algorithm>
#include <cctype>

#include "elbv2/find.h"

namespace gantry::elbv2 {

Result<> check_name(const std::string& name, const std::string& noun) {
    const std::string subject = "The " + noun + " name '" + name + "'";
    if (name.empty()) return invalid("The " + noun + " name cannot be empty");
    if (name.size() > 32) return invalid(subject + " cannot be longer than '32' characters");
    const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return c < 128 && (std::isalnum(c) != 0 || c == '-');
    });
    if (!plain)
        return invalid(subject + " can only contain characters that are alphanumeric characters and hyphens(-)");
    if (name.front() == '-' || name.back() == '-') return invalid(subject + " cannot begin or end with '-'");
    return {};
}

}  // namespace gantry::elbv2
