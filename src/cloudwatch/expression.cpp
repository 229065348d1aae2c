#include "cloudwatch/expression.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "cloudwatch/expression_node.h"

namespace gantry::cloudwatch {
namespace {

using Node = Expression::Node;
using Kind = Node::Kind;

constexpr int depth_most = 60;

bool word_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool word_part(char c) { return word_start(c) || std::isdigit(static_cast<unsigned char>(c)) != 0; }

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text) {}

    Result<Node> parse() {
        TRY(auto node, level(0));
        skip();
        if (at_ != text_.size()) return unexpected();
        return node;
    }

  private:
    tl::unexpected<Error> unexpected() const {
        return refuse(
            "ValidationError", "Error in expression '" + std::string(text_) + "': unexpected " +
                                   (at_ < text_.size() ? "'" + std::string(text_.substr(at_, 8)) + "'" : "end") +
                                   " at position " + std::to_string(at_) + "."
        );
    }
    void skip() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    }
    bool take(std::string_view token) {
        skip();
        if (!text_.substr(at_).starts_with(token)) return false;
        // AND and OR are words.
        if (word_start(token.front()) && at_ + token.size() < text_.size() &&
            word_part(text_[at_ + token.size()]))
            return false;
        at_ += token.size();
        return true;
    }

    // From the loosest to the tightest; all of them bind to the left.
    Result<Node> level(std::size_t depth) {
        static constexpr std::array<std::array<std::string_view, 6>, 5> levels{{
            {"OR", "||"},
            {"AND", "&&"},
            {"==", "!=", "<=", ">=", "<", ">"},
            {"+", "-"},
            {"*", "/"},
        }};
        if (depth == levels.size()) return power();
        TRY(auto left, level(depth + 1));
        for (;;) {
            std::string_view found;
            for (const auto op : levels[depth]) {
                if (!op.empty() && take(op)) {
                    found = op;
                    break;
                }
            }
            if (found.empty()) return left;
            TRY(auto right, level(depth + 1));
            if (found == "||") found = "OR";
            if (found == "&&") found = "AND";
            left = Node{Kind::operation, 0, std::string(found), {std::move(left), std::move(right)}};
        }
    }

    Result<Node> power() {
        TRY(auto left, unary());
        if (!take("^")) return left;
        TRY(auto right, power());
        return Node{Kind::operation, 0, "^", {std::move(left), std::move(right)}};
    }

    Result<Node> unary() {
        if (++depth_ > depth_most) return refuse("ValidationError", "The expression is nested too deeply.");
        Result<Node> node = take("-") ? negated() : primary();
        --depth_;
        return node;
    }

    Result<Node> negated() {
        TRY(auto node, unary());
        return Node{Kind::negation, 0, {}, {std::move(node)}};
    }

    Result<Node> primary() {
        skip();
        if (at_ >= text_.size()) return unexpected();
        const char c = text_[at_];
        if (take("(")) {
            TRY(auto node, level(0));
            if (!take(")")) return unexpected();
            return node;
        }
        if (take("[")) return list(Kind::array, {}, "]");
        if (c == '"' || c == '\'') return quoted(c);
        if (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.') return number();
        if (!word_start(c)) return unexpected();
        const auto start = at_;
        while (at_ < text_.size() && word_part(text_[at_])) ++at_;
        std::string word(text_.substr(start, at_ - start));
        if (!take("(")) return Node{Kind::name, 0, std::move(word), {}};
        std::transform(word.begin(), word.end(), word.begin(), [](unsigned char letter) {
            return static_cast<char>(std::toupper(letter));
        });
        return list(Kind::call, std::move(word), ")");
    }

    Result<Node> number() {
        double value = 0;
        const char* first = text_.data() + at_;
        const auto [end, failed] = std::from_chars(first, text_.data() + text_.size(), value);
        if (failed != std::errc{}) return unexpected();
        at_ += static_cast<std::size_t>(end - first);
        return Node{Kind::number, value, {}, {}};
    }

    Result<Node> quoted(char quote) {
        const auto end = text_.find(quote, at_ + 1);
        if (end == std::string_view::npos) return unexpected();
        Node node{Kind::text, 0, std::string(text_.substr(at_ + 1, end - at_ - 1)), {}};
        at_ = end + 1;
        return node;
    }

    Result<Node> list(Kind kind, std::string name, std::string_view end) {
        Node node{kind, 0, std::move(name), {}};
        if (take(end)) return node;
        do {
            TRY(auto part, level(0));
            node.parts.push_back(std::move(part));
        } while (take(","));
        if (!take(end)) return unexpected();
        return node;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

// Words that FILL knows stand where a name could.
bool is_word(const std::string& name) { return name == "REPEAT" || name == "LINEAR"; }

void collect(const Node& node, std::vector<std::string>& names) {
    if (node.kind == Kind::name && !is_word(node.text) &&
        std::find(names.begin(), names.end(), node.text) == names.end())
        names.push_back(node.text);
    for (const auto& part : node.parts) collect(part, names);
}

Result<MathValue> value_of(const Node& node, const MathScope& scope) {
    switch (node.kind) {
        case Kind::number: return MathValue{node.number};
        case Kind::text: return MathValue{node.text};
        case Kind::name: {
            if (is_word(node.text)) return MathValue{node.text};
            for (const auto& [id, value] : scope.known)
                if (id == node.text) return value;
            return refuse("ValidationError", "The expression names '" + node.text + "', which is not there.");
        }
        case Kind::negation: {
            TRY(const auto value, value_of(node.parts[0], scope));
            return apply_operator("-", MathValue{0.0}, value);
        }
        case Kind::operation: {
            TRY(const auto left, value_of(node.parts[0], scope));
            TRY(const auto right, value_of(node.parts[1], scope));
            return apply_operator(node.text, left, right);
        }
        case Kind::array: {
            SeriesArray all;
            for (const auto& part : node.parts) {
                TRY(const auto value, value_of(part, scope));
                const auto* series = std::get_if<TimeSeries>(&value);
                const auto* more = std::get_if<SeriesArray>(&value);
                if (series != nullptr)
                    all.push_back({part.text, *series});
                else if (more != nullptr)
                    all.insert(all.end(), more->begin(), more->end());
                else
                    return refuse("ValidationError", "An array in an expression holds time series only.");
            }
            return MathValue{std::move(all)};
        }
        case Kind::call: break;
    }
    std::vector<MathValue> arguments;
    for (const auto& part : node.parts) {
        TRY(auto value, value_of(part, scope));
        arguments.push_back(std::move(value));
    }
    return call_function(node.text, arguments, scope);
}

}  // namespace

Result<Expression> Expression::parse(std::string_view text) {
    TRY(auto node, Parser(text).parse());
    return Expression(std::make_shared<const Node>(std::move(node)));
}

std::vector<std::string> Expression::names() const {
    std::vector<std::string> all;
    collect(*root_, all);
    return all;
}

Result<MathValue> Expression::evaluate(const MathScope& scope) const { return value_of(*root_, scope); }

}  // namespace gantry::cloudwatch
