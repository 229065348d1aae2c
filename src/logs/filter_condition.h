#pragma once

#include <re2/re2.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gantry::logs {

// Walks a pattern's text.
class PatternScanner {
  public:
    explicit PatternScanner(std::string_view text) : text_(text) {}

    void skip_space() {
        while (at_ < text_.size() &&
               (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
            ++at_;
    }
    bool done() const { return at_ >= text_.size(); }
    char peek() const { return done() ? '\0' : text_[at_]; }
    char next() { return done() ? '\0' : text_[at_++]; }
    bool take(std::string_view word) {
        if (!text_.substr(at_).starts_with(word)) return false;
        at_ += word.size();
        return true;
    }
    // Case-insensitive, not followed by a letter or digit.
    bool take_keyword(std::string_view word);
    // Up to (not including) the first of `stops`.
    std::string take_until(std::string_view stops);
    // The opening quote was taken; \" and \\ are undone. nullopt: not closed.
    std::optional<std::string> take_quoted();
    // The opening % was taken.
    std::optional<std::string> take_regex();

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

tl::unexpected<Error> bad_pattern();
Result<std::shared_ptr<const RE2>> compile_regex(const std::string& expression);

// What stands behind an operator: a number, a text with * as wildcard, or a regular expression.
class Condition {
  public:
    // The operator and the value; stops in front of any of `stops`.
    static Result<Condition> parse(PatternScanner& scanner, std::string_view stops);

    bool holds_for_text(std::string_view text) const;
    bool holds_for_number(double number) const;

  private:
    enum class Compare { equal, not_equal, less, less_equal, greater, greater_equal };
    Compare compare_ = Compare::equal;
    std::optional<double> number_;
    std::string text_;
    bool wildcard_ = false;
    std::shared_ptr<const RE2> regex_;
};

std::optional<double> parse_number(std::string_view text);
bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace gantry::logs
