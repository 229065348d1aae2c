#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "elbv2/scope.h"

namespace gantry::elbv2 {

// What is known of one attribute of a kind of resource.
struct AttributeFact {
    enum class Kind { boolean, number, text, choice };

    const char* key;
    const char* initial;  // AWS's default
    Kind kind = Kind::text;
    // number: the range. "off" stands beside it where `off` is set, "0" where `zero` is.
    long least = 0, most = 0;
    const char* choices = "";  // choice: "a|b|c"
    bool off = false;
    bool zero = false;
};
// In parts, because kinds share some.
using AttributeFacts = std::vector<std::span<const AttributeFact>>;

// All defaults, and what was set over them.
Attributes with_defaults(const AttributeFacts& facts, const Attributes& set);

// Changes some of what was set. `noun`: "Load balancer", for AWS's text about a key that it does not know.
Result<> change(
    const AttributeFacts& facts, const std::string& noun, const Attributes& changes, Attributes& set
);

// Nothing, or AWS's ValidationError for a value that the attribute cannot have.
Result<> check_value(const AttributeFact& fact, const std::string& value);

}  // namespace gantry::elbv2
