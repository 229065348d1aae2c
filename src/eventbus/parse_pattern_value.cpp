#include <boost/json.hpp>

#include "eventbus/parse_pattern.h"

namespace gantry::eventbus {

namespace json = boost::json;
using Kind = ValueTest::Kind;

namespace {

// What numbers in a numeric test may be.
constexpr double kNumberMost = 5'000'000'000;

tl::unexpected<Error> wrong(std::string reason) { return trouble(Errc::invalid, std::move(reason)); }

Result<std::string> string_of(const std::string& test, const json::value& value) {
    if (!value.is_string()) return wrong(test + " match pattern must be a string");
    return std::string(value.get_string());
}

Result<ValueTest> of_text(Kind kind, const std::string& name, const json::value& value, bool may_be_empty = true) {
    ValueTest test;
    test.kind = kind;
    TRY(test.text, string_of(name, value));
    if (test.text.empty() && !may_be_empty) return wrong("Null prefix/suffix not allowed");
    return test;
}

Result<ValueTest> wildcard(const json::value& value) {
    TRY(auto test, of_text(Kind::wildcard, "wildcard", value));
    for (std::size_t i = 0; i < test.text.size(); ++i) {
        if (test.text[i] == '*' && i + 1 < test.text.size() && test.text[i + 1] == '*')
            return wrong("Consecutive wildcard characters at pos " + std::to_string(i));
        if (test.text[i] != '\\') continue;
        if (i + 1 == test.text.size() || (test.text[i + 1] != '*' && test.text[i + 1] != '\\'))
            return wrong("Invalid escape character at pos " + std::to_string(i));
        ++i;
    }
    return test;
}

// "prefix": "a" or {"equals-ignore-case": "a"}
Result<ValueTest> affix(Kind kind, Kind ignoring_case, const std::string& name, const json::value& value) {
    if (!value.is_object()) return of_text(kind, name, value);
    const auto& object = value.get_object();
    if (object.size() != 1 || !object.contains("equals-ignore-case"))
        return wrong("Unsupported " + name + " pattern: " + json::serialize(value).substr(0, 100));
    return of_text(ignoring_case, "equals-ignore-case", object.at("equals-ignore-case"));
}

Result<double> number_of(const json::value& value) {
    if (!value.is_number()) return wrong("Bad number in numeric match: not a number");
    const auto number = value.to_number<double>();
    if (number < -kNumberMost || number > kNumberMost)
        return wrong("Value must be between -5.0E9 and 5.0E9, inclusive");
    return number;
}

// ["=", 5], [">", 0, "<=", 5], ["<", 10] and so on
Result<ValueTest> numeric(const json::value& value) {
    if (!value.is_array()) return wrong("Value of numeric must be an array.");
    const auto& list = value.get_array();
    if (list.empty() || !list[0].is_string()) return wrong("Invalid member in numeric match: expected an operator");
    if (list.size() != 2 && list.size() != 4) return wrong("Invalid numeric match: too many or too few terms");
    ValueTest test;
    test.kind = Kind::numeric;
    for (std::size_t i = 0; i < list.size(); i += 2) {
        if (!list[i].is_string()) return wrong("Invalid member in numeric match: expected an operator");
        const std::string op(list[i].get_string());
        TRY(const double number, number_of(list[i + 1]));
        if (op == "=" && list.size() == 2) {
            test.low = test.high = number;
            test.low_included = test.high_included = true;
        } else if ((op == ">" || op == ">=") && i == 0) {
            test.low = number;
            test.low_included = op == ">=";
        } else if ((op == "<" || op == "<=") && i + 2 == list.size()) {
            test.high = number;
            test.high_included = op == "<=";
        } else {
            return wrong("Unrecognized numeric range operator: " + op.substr(0, 20));
        }
    }
    if (test.low && test.high && list.size() == 4 && *test.low >= *test.high) return wrong("Bottom must be less than top");
    return test;
}

Result<ValueTest> cidr(const json::value& value) {
    TRY(const auto text, string_of("prefix", value));
    const auto range = AddressRange::parse(text);
    if (!range || text.find('/') == std::string::npos) return wrong("Malformed CIDR, one '/' required");
    ValueTest test;
    test.kind = Kind::cidr;
    test.range = *range;
    return test;
}

Result<ValueTest> named(std::string_view name, const json::value& value);

// anything-but: a value, a list of strings or of numbers, or another test with a string or a list of strings.
Result<ValueTest> anything_but(const json::value& value) {
    ValueTest test;
    test.kind = Kind::anything_but;
    const auto add_value = [&](const json::value& one) -> Result<void> {
        if (!one.is_string() && !one.is_number())
            return wrong("Inside anything-but list, start|null|boolean is not supported.");
        ValueTest inner;
        inner.value = one;
        test.inner.push_back(std::move(inner));
        return {};
    };
    if (value.is_array()) {
        if (value.get_array().empty()) return wrong("Empty arrays are not allowed");
        for (const auto& one : value.get_array()) {
            TRY_VOID(add_value(one));
            if (one.is_string() != value.get_array().front().is_string())
                return wrong("Inside anything-but list, either all values are number or string, mixed type is not supported");
        }
        return test;
    }
    if (!value.is_object()) {
        TRY_VOID(add_value(value));
        return test;
    }
    const auto& object = value.get_object();
    if (object.size() != 1) return wrong("Only one key allowed in match expression");
    const std::string_view name = object.begin()->key();
    if (name != "prefix" && name != "suffix" && name != "equals-ignore-case" && name != "wildcard")
        return wrong("Unsupported anything-but pattern: " + std::string(name.substr(0, 100)));
    const auto& inside = object.begin()->value();
    const bool affixed = name == "prefix" || name == "suffix";
    const auto add = [&](const json::value& one) -> Result<void> {
        if (affixed && one.is_string() && one.get_string().empty()) return wrong("Null prefix/suffix not allowed");
        TRY(auto inner, named(name, one));
        test.inner.push_back(std::move(inner));
        return {};
    };
    if (!inside.is_array()) {
        TRY_VOID(add(inside));
        return test;
    }
    if (inside.get_array().empty()) return wrong("Empty arrays are not allowed");
    for (const auto& one : inside.get_array()) {
        if (!one.is_string())
            return wrong("Inside anything-but/" + std::string(name) + " list, number|start|null|boolean is not supported.");
        TRY_VOID(add(one));
    }
    return test;
}

Result<ValueTest> named(std::string_view name, const json::value& value) {
    if (name == "prefix") return affix(Kind::prefix, Kind::prefix_ignoring_case, "prefix", value);
    if (name == "suffix") return affix(Kind::suffix, Kind::suffix_ignoring_case, "suffix", value);
    if (name == "equals-ignore-case") return of_text(Kind::equals_ignoring_case, "equals-ignore-case", value);
    if (name == "wildcard") return wildcard(value);
    if (name == "numeric") return numeric(value);
    if (name == "cidr") return cidr(value);
    if (name == "anything-but") return anything_but(value);
    if (name == "exists") {
        if (!value.is_bool()) return wrong("exists match pattern must be either true or false.");
        ValueTest test;
        test.kind = Kind::exists;
        test.value = value;
        return test;
    }
    return wrong("Unrecognized match type " + std::string(name.substr(0, 100)));
}

}  // namespace

Result<ValueTest> parse_value_test(const json::value& entry) {
    if (entry.is_array()) return wrong("Match value must be String, number, true, false, or null");
    if (!entry.is_object()) {
        ValueTest test;
        test.value = entry;
        return test;
    }
    const auto& object = entry.get_object();
    if (object.empty()) return wrong("Match expression name not found");
    if (object.size() > 1) return wrong("Only one key allowed in match expression");
    return named(object.begin()->key(), object.begin()->value());
}

}  // namespace gantry::eventbus
