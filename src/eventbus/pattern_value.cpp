#include <boost/json/value.hpp>
#include <string_view>

#include "eventbus/pattern_node.h"

namespace gantry::eventbus {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same(std::string_view left, std::string_view right, bool ignoring_case) {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (ignoring_case ? lower(left[i]) != lower(right[i]) : left[i] != right[i]) return false;
    }
    return true;
}

bool starts(std::string_view text, std::string_view with, bool ignoring_case) {
    return text.size() >= with.size() && same(text.substr(0, with.size()), with, ignoring_case);
}

bool ends(std::string_view text, std::string_view with, bool ignoring_case) {
    return text.size() >= with.size() && same(text.substr(text.size() - with.size()), with, ignoring_case);
}

// '*' is any run of characters; behind '\' a '*' or '\' is itself. Going back to the last '*' only: at most
// the product of both lengths.
bool wild(std::string_view text, std::string_view pattern) {
    std::size_t at = 0, in = 0, back_at = 0;
    std::optional<std::size_t> back_in;
    while (at < text.size()) {
        if (in < pattern.size() && pattern[in] == '*') {
            back_in = ++in;
            back_at = at;
            continue;
        }
        const bool escaped = in + 1 < pattern.size() && pattern[in] == '\\';
        if (in < pattern.size() && pattern[in + (escaped ? 1 : 0)] == text[at]) {
            in += escaped ? 2 : 1;
            ++at;
            continue;
        }
        if (!back_in) return false;
        in = *back_in;
        at = ++back_at;
    }
    while (in < pattern.size() && pattern[in] == '*') ++in;
    return in == pattern.size();
}

bool equal(const boost::json::value& left, const boost::json::value& right) {
    if (left.is_number() && right.is_number()) {
        if (left.is_double() || right.is_double())
            return left.to_number<double>() == right.to_number<double>();
        return left == right;
    }
    return left.kind() == right.kind() && left == right;
}

}  // namespace

bool ValueTest::holds(const boost::json::value& scalar) const {
    if (kind == Kind::equals) return equal(value, scalar);
    if (kind == Kind::exists) return true;
    if (kind == Kind::anything_but) {
        for (const auto& one : inner) {
            if (one.holds(scalar)) return false;
        }
        return true;
    }
    if (kind == Kind::numeric) {
        if (!scalar.is_number()) return false;
        const auto number = scalar.to_number<double>();
        return (!low || number > *low || (low_included && number == *low)) &&
               (!high || number < *high || (high_included && number == *high));
    }
    if (!scalar.is_string()) return false;
    const std::string_view given = scalar.get_string();
    switch (kind) {
        case Kind::equals_ignoring_case:
            return same(given, text, true);
        case Kind::prefix:
        case Kind::prefix_ignoring_case:
            return starts(given, text, kind == Kind::prefix_ignoring_case);
        case Kind::suffix:
        case Kind::suffix_ignoring_case:
            return ends(given, text, kind == Kind::suffix_ignoring_case);
        case Kind::wildcard:
            return wild(given, text);
        default:
            return range.contains(given);
    }
}

}  // namespace gantry::eventbus
