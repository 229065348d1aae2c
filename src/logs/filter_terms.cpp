// ERROR -Exit ?WARN "two words" %regex%
#include <algorithm>
#include <vector>

#include "logs/filter_parts.h"

namespace gantry::logs {
namespace {

struct Term {
    std::string text;
    std::shared_ptr<const RE2> regex;

    bool in(std::string_view message) const {
        if (regex) return RE2::PartialMatch(re2::StringPiece(message.data(), message.size()), *regex);
        return message.find(text) != std::string_view::npos;
    }
};

class Terms : public FilterPattern::Matcher {
  public:
    // Where other terms stand beside them, CloudWatch ignores the optional ones.
    bool matches(std::string_view message) const override {
        const auto in = [&](const Term& term) { return term.in(message); };
        if (std::ranges::any_of(none, in)) return false;
        if (!all.empty()) return std::ranges::all_of(all, in);
        return any.empty() || std::ranges::any_of(any, in);
    }

    std::vector<Term> all;
    std::vector<Term> any;
    std::vector<Term> none;
};

}  // namespace

Result<FilterMatcher> parse_term_filter(PatternScanner& scanner) {
    auto terms = std::make_shared<Terms>();
    for (scanner.skip_space(); !scanner.done(); scanner.skip_space()) {
        auto* into = &terms->all;
        if (scanner.take("?"))
            into = &terms->any;
        else if (scanner.take("-"))
            into = &terms->none;
        Term term;
        if (scanner.take("\"")) {
            auto text = scanner.take_quoted();
            if (!text || text->empty()) return bad_pattern();
            term.text = std::move(*text);
        } else if (scanner.take("%")) {
            const auto expression = scanner.take_regex();
            if (!expression) return bad_pattern();
            TRY(term.regex, compile_regex(*expression));
        } else {
            term.text = scanner.take_until(" \t\r\n");
            // Other characters than these must be quoted.
            const auto plain = [](unsigned char c) {
                return std::isalnum(c) || c == '_' || c == '.' || c == ':' || c == '/' || c == '-' ||
                       c == '@' || c == '#' || c == '$' || c >= 0x80;
            };
            if (term.text.empty() || !std::ranges::all_of(term.text, plain)) return bad_pattern();
        }
        into->push_back(std::move(term));
    }
    return terms;
}

}  // namespace gantry::logs
