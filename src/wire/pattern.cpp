#include <re2/re2.h>

#include <memory>
#include <unordered_map>

#include "wire/validate.h"

namespace gantry::wire {

namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

// Java writes U+XXXX as \uXXXX and the upper planes as surrogates.
std::string to_re2(std::string pattern) {
    replace_all(pattern, "\\uD800\\uDC00-\\uDBFF\\uDFFF", "\\x{10000}-\\x{10FFFF}");
    for (auto at = pattern.find("\\u"); at != std::string::npos && at + 6 <= pattern.size();
         at = pattern.find("\\u", at + 4))
        pattern.replace(at, 6, "\\x{" + pattern.substr(at + 2, 4) + "}");
    return pattern;
}

}  // namespace

bool matches_pattern(const char* pattern, const std::string& text) {
    // Patterns are constants of the tables, so their addresses are their names. Compiled at first use, per
    // thread.
    thread_local std::unordered_map<const char*, std::unique_ptr<RE2>> compiled;
    auto& expression = compiled[pattern];
    if (expression == nullptr) {
        RE2::Options options;
        options.set_log_errors(false);
        expression = std::make_unique<RE2>(to_re2(pattern), options);
    }
    return !expression->ok() || RE2::FullMatch(text, *expression);
}

}  // namespace gantry::wire
