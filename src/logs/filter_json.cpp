// { $.a.b[0] = "x" && ($.c > 1 || $.d IS NULL) }
#include <boost/json.hpp>
#include <charconv>
#include <variant>
#include <vector>

#include "logs/filter_parts.h"

namespace gantry::logs {
namespace {

namespace json = boost::json;

constexpr int kDepthMax = 32;

// A member's name, an index, or [*].
struct AnyElement {};
using Step = std::variant<std::string, std::size_t, AnyElement>;

struct Expression {
    enum class Kind { all, any, condition, is_null, exists, not_exists, is_true, is_false };
    Kind kind = Kind::all;
    std::vector<Expression> parts;
    std::vector<Step> path;
    std::optional<Condition> condition;
};

bool holds_for(const Expression& expression, const json::value& value) {
    switch (expression.kind) {
        case Expression::Kind::is_null:
            return value.is_null();
        case Expression::Kind::is_true:
            return value.is_bool() && value.get_bool();
        case Expression::Kind::is_false:
            return value.is_bool() && !value.get_bool();
        case Expression::Kind::exists:
            return true;
        default:
            break;
    }
    if (value.is_string())
        return expression.condition->holds_for_text({value.get_string().data(), value.get_string().size()});
    if (value.is_number()) {
        return expression.condition->holds_for_number(value.to_number<double>()) ||
               expression.condition->holds_for_text(json::serialize(value));
    }
    if (value.is_bool()) return expression.condition->holds_for_text(value.get_bool() ? "true" : "false");
    return false;
}

// Some value at the path for which the expression holds.
bool some_holds(const Expression& expression, const json::value& value, std::size_t step) {
    if (step == expression.path.size()) return holds_for(expression, value);
    const auto& here = expression.path[step];
    if (const auto* name = std::get_if<std::string>(&here)) {
        const auto* object = value.if_object();
        const auto* member = object == nullptr ? nullptr : object->if_contains(*name);
        return member != nullptr && some_holds(expression, *member, step + 1);
    }
    const auto* array = value.if_array();
    if (array == nullptr) return false;
    if (const auto* index = std::get_if<std::size_t>(&here))
        return *index < array->size() && some_holds(expression, (*array)[*index], step + 1);
    for (const auto& element : *array)
        if (some_holds(expression, element, step + 1)) return true;
    return false;
}

bool holds(const Expression& expression, const json::value& root) {
    switch (expression.kind) {
        case Expression::Kind::all:
            for (const auto& part : expression.parts)
                if (!holds(part, root)) return false;
            return true;
        case Expression::Kind::any:
            for (const auto& part : expression.parts)
                if (holds(part, root)) return true;
            return false;
        case Expression::Kind::not_exists: {
            auto exists = expression;
            exists.kind = Expression::Kind::exists;
            return !some_holds(exists, root, 0);
        }
        default:
            return some_holds(expression, root, 0);
    }
}

class Json : public FilterPattern::Matcher {
  public:
    explicit Json(Expression root) : root_(std::move(root)) {}
    bool matches(std::string_view message) const override {
        // Most lines of most streams are no JSON at all.
        const auto first = message.find_first_not_of(" \t\r\n");
        if (first == std::string_view::npos || (message[first] != '{' && message[first] != '[')) return false;
        boost::system::error_code failed;
        const auto root = json::parse(json::string_view(message.data(), message.size()), failed);
        return !failed && holds(root_, root);
    }

  private:
    Expression root_;
};

Result<std::vector<Step>> parse_path(PatternScanner& scanner) {
    std::vector<Step> path;
    for (;;) {
        if (scanner.take(".")) {
            auto name = scanner.take_until(" \t\n\r.[]=!<>&|(){}");
            if (name.empty()) return bad_pattern();
            path.emplace_back(std::move(name));
        } else if (scanner.take("[")) {
            if (scanner.take("\"")) {
                auto name = scanner.take_quoted();
                if (!name) return bad_pattern();
                path.emplace_back(std::move(*name));
            } else if (scanner.take("*")) {
                path.emplace_back(AnyElement{});
            } else {
                const auto digits = scanner.take_until("]");
                std::size_t index = 0;
                const auto [end, failed] =
                    std::from_chars(digits.data(), digits.data() + digits.size(), index);
                if (failed != std::errc() || end != digits.data() + digits.size()) return bad_pattern();
                path.emplace_back(index);
            }
            if (!scanner.take("]")) return bad_pattern();
        } else {
            return path;
        }
    }
}

Result<Expression> parse_any(PatternScanner& scanner, int depth);

Result<Expression> parse_one(PatternScanner& scanner, int depth) {
    scanner.skip_space();
    if (scanner.take("(")) {
        TRY(auto inner, parse_any(scanner, depth + 1));
        scanner.skip_space();
        if (!scanner.take(")")) return bad_pattern();
        return inner;
    }
    if (!scanner.take("$")) return bad_pattern();
    Expression expression;
    TRY(expression.path, parse_path(scanner));
    scanner.skip_space();
    using Kind = Expression::Kind;
    if (scanner.take_keyword("IS")) {
        scanner.skip_space();
        if (scanner.take_keyword("NULL"))
            expression.kind = Kind::is_null;
        else if (scanner.take_keyword("TRUE"))
            expression.kind = Kind::is_true;
        else if (scanner.take_keyword("FALSE"))
            expression.kind = Kind::is_false;
        else
            return bad_pattern();
        return expression;
    }
    if (scanner.take_keyword("NOT")) {
        scanner.skip_space();
        if (!scanner.take_keyword("EXISTS")) return bad_pattern();
        expression.kind = Kind::not_exists;
        return expression;
    }
    if (scanner.take_keyword("EXISTS")) {
        expression.kind = Kind::exists;
        return expression;
    }
    expression.kind = Kind::condition;
    TRY(expression.condition, Condition::parse(scanner, " \t\n\r&|(){}"));
    return expression;
}

Result<Expression> parse_all(PatternScanner& scanner, int depth) {
    Expression all{Expression::Kind::all, {}, {}, {}};
    for (;;) {
        TRY(auto one, parse_one(scanner, depth));
        all.parts.push_back(std::move(one));
        scanner.skip_space();
        if (!scanner.take("&&")) return all;
    }
}

Result<Expression> parse_any(PatternScanner& scanner, int depth) {
    if (depth > kDepthMax) return bad_pattern();
    Expression any{Expression::Kind::any, {}, {}, {}};
    for (;;) {
        TRY(auto all, parse_all(scanner, depth));
        any.parts.push_back(std::move(all));
        scanner.skip_space();
        if (!scanner.take("||")) return any;
    }
}

}  // namespace

Result<FilterMatcher> parse_json_filter(PatternScanner& scanner) {
    TRY(auto root, parse_any(scanner, 0));
    scanner.skip_space();
    if (!scanner.take("}")) return bad_pattern();
    return std::make_shared<const Json>(std::move(root));
}

}  // namespace gantry::logs
