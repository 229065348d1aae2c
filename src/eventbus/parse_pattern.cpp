#include "eventbus/parse_pattern.h"

#include <boost/json.hpp>

namespace gantry::eventbus {

namespace json = boost::json;

namespace {

tl::unexpected<Error> wrong(std::string reason) { return trouble(Errc::invalid, std::move(reason)); }

// "$or" chooses where it is an array of two or more objects; else it is a field like any other.
bool chooses(const json::value& value) {
    if (!value.is_array() || value.get_array().size() < 2) return false;
    for (const auto& one : value.get_array()) {
        if (!one.is_object()) return false;
    }
    return true;
}

Result<PatternNode::Field> parse_tests(std::string name, const json::array& entries) {
    PatternNode::Field field;
    if (entries.empty()) return wrong("Empty arrays are not allowed");
    for (const auto& entry : entries) {
        TRY(auto test, parse_value_test(entry));
        const bool absence = test.kind == ValueTest::Kind::exists && !test.value.as_bool();
        if (absence)
            field.may_be_absent = true;
        else
            field.tests.push_back(std::move(test));
    }
    field.name = std::move(name);
    return field;
}

}  // namespace

Result<PatternNode> parse_pattern(const json::object& pattern, int depth) {
    if (pattern.empty()) return wrong("Empty objects are not allowed");
    if (depth > kPatternDepthMax) return wrong("The pattern is nested too deeply");
    PatternNode node;
    for (const auto& [key, value] : pattern) {
        const std::string name(key);
        if (name == "$or" && chooses(value)) {
            auto& choice = node.choices.emplace_back();
            for (const auto& one : value.get_array()) {
                TRY(auto inner, parse_pattern(one.get_object(), depth + 1));
                choice.push_back(std::move(inner));
            }
        } else if (value.is_array()) {
            TRY(auto field, parse_tests(name, value.get_array()));
            node.fields.push_back(std::move(field));
        } else if (value.is_object()) {
            TRY(auto inner, parse_pattern(value.get_object(), depth + 1));
            PatternNode::Field field;
            field.name = name;
            field.inside.push_back(std::move(inner));
            node.fields.push_back(std::move(field));
        } else {
            return wrong("\"" + name + "\" must be an object or an array");
        }
    }
    return node;
}

}  // namespace gantry::eventbus
