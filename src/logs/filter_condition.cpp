#include "logs/filter_condition.h"

#include <cctype>
#include <charconv>
#include <cmath>

namespace gantry::logs {

tl::unexpected<Error> bad_pattern() { return refuse("InvalidParameterException", "Invalid filter pattern"); }

bool PatternScanner::take_keyword(std::string_view word) {
    if (text_.size() - at_ < word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i)
        if (std::toupper(static_cast<unsigned char>(text_[at_ + i])) != word[i]) return false;
    const auto end = at_ + word.size();
    if (end < text_.size() && std::isalnum(static_cast<unsigned char>(text_[end]))) return false;
    at_ = end;
    return true;
}

std::string PatternScanner::take_until(std::string_view stops) {
    const auto end = std::min(text_.find_first_of(stops, at_), text_.size());
    std::string taken(text_.substr(at_, end - at_));
    at_ = end;
    return taken;
}

std::optional<std::string> PatternScanner::take_quoted() {
    std::string taken;
    while (!done()) {
        const char c = next();
        if (c == '"') return taken;
        if (c == '\\' && (peek() == '"' || peek() == '\\')) {
            taken += next();
        } else {
            taken += c;
        }
    }
    return std::nullopt;
}

std::optional<std::string> PatternScanner::take_regex() {
    std::string taken;
    while (!done()) {
        const char c = next();
        if (c == '%') return taken;
        taken += c;
        if (c == '\\' && !done()) taken += next();
    }
    return std::nullopt;
}

Result<std::shared_ptr<const RE2>> compile_regex(const std::string& expression) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    options.set_encoding(RE2::Options::EncodingLatin1);  // bytes: messages need not be text
    auto regex = std::make_shared<const RE2>(expression, options);
    if (expression.empty() || !regex->ok()) return bad_pattern();
    return std::shared_ptr<const RE2>(std::move(regex));
}

std::optional<double> parse_number(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || (!std::isdigit(static_cast<unsigned char>(text.front())) && text.front() != '-' &&
                         text.front() != '.'))
        return std::nullopt;
    double number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
        return std::nullopt;
    return number;
}

bool matches_wildcard(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

Result<Condition> Condition::parse(PatternScanner& scanner, std::string_view stops) {
    Condition condition;
    scanner.skip_space();
    if (scanner.take("!="))
        condition.compare_ = Compare::not_equal;
    else if (scanner.take("<="))
        condition.compare_ = Compare::less_equal;
    else if (scanner.take(">="))
        condition.compare_ = Compare::greater_equal;
    else if (scanner.take("<"))
        condition.compare_ = Compare::less;
    else if (scanner.take(">"))
        condition.compare_ = Compare::greater;
    else if (!scanner.take("="))
        return bad_pattern();
    scanner.skip_space();
    if (scanner.take("\"")) {
        auto text = scanner.take_quoted();
        if (!text) return bad_pattern();
        condition.text_ = std::move(*text);
        condition.wildcard_ = condition.text_.find('*') != std::string::npos;
    } else if (scanner.take("%")) {
        const auto expression = scanner.take_regex();
        if (!expression) return bad_pattern();
        TRY(condition.regex_, compile_regex(*expression));
    } else {
        condition.text_ = scanner.take_until(stops);
        while (condition.text_.ends_with(' ')) condition.text_.pop_back();
        if (condition.text_.empty()) return bad_pattern();
        condition.number_ = parse_number(condition.text_);
        condition.wildcard_ = condition.text_.find('*') != std::string::npos;
    }
    const bool ordered = condition.compare_ != Compare::equal && condition.compare_ != Compare::not_equal;
    if (ordered && !condition.number_) return bad_pattern();
    return condition;
}

bool Condition::holds_for_number(double number) const {
    if (!number_) return false;
    switch (compare_) {
        case Compare::equal:
            return number == *number_;
        case Compare::not_equal:
            return number != *number_;
        case Compare::less:
            return number < *number_;
        case Compare::less_equal:
            return number <= *number_;
        case Compare::greater:
            return number > *number_;
        case Compare::greater_equal:
            return number >= *number_;
    }
    return false;
}

bool Condition::holds_for_text(std::string_view text) const {
    if (number_) {
        if (const auto number = parse_number(text)) return holds_for_number(*number);
        return compare_ == Compare::not_equal;
    }
    bool same = false;
    if (regex_)
        same = RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex_);
    else if (wildcard_)
        same = matches_wildcard(text_, text);
    else
        same = text == text_;
    return same == (compare_ == Compare::equal);
}

}  // namespace gantry::logs
