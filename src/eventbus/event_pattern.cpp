#include "eventbus/event_pattern.h"

#include <boost/json.hpp>

#include "eventbus/parse_pattern.h"

namespace gantry::eventbus {

namespace json = boost::json;

namespace {

// AWS allows so many ways through all $or of a pattern.
constexpr std::size_t kWaysMost = 1000;

std::size_t ways(const PatternNode& node) {
    std::size_t product = 1;
    const auto times = [&](std::size_t factor) { product = std::min(product * factor, kWaysMost + 1); };
    for (const auto& field : node.fields) {
        for (const auto& inner : field.inside) times(ways(inner));
    }
    for (const auto& choice : node.choices) {
        std::size_t sum = 0;
        for (const auto& one : choice) sum += ways(one);
        times(sum);
    }
    return product;
}

class Match {
  public:
    explicit Match(const json::value& event) : event_(event) {}

    bool node(const PatternNode& pattern, const json::value& value) {
        if (value.is_array()) {
            for (const auto& element : value.get_array()) {
                if (node(pattern, element)) return true;
            }
            // What is only asked to be absent is.
            return value.get_array().empty() && node(pattern, json::value(json::object()));
        }
        static const json::object kNothing;
        const auto& object = value.is_object() ? value.get_object() : kNothing;
        for (const auto& one : pattern.fields) {
            path_.push_back(one.name);
            const bool holds = field(one, object.if_contains(one.name));
            path_.pop_back();
            if (!holds) return false;
        }
        for (const auto& choice : pattern.choices) {
            bool any = false;
            for (const auto& one : choice) any = any || node(one, value);
            if (!any) return false;
        }
        return true;
    }

  private:
    bool field(const PatternNode::Field& wanted, const json::value* value) {
        if (!wanted.inside.empty()) {
            // A field that is not there may still be what is asked for: that what would be in it is not.
            return node(wanted.inside.front(), value == nullptr ? json::value(json::object()) : *value);
        }
        if (wanted.may_be_absent && !present(event_, 0)) return true;
        return value != nullptr && any(wanted.tests, *value);
    }

    static bool any(const std::vector<ValueTest>& tests, const json::value& value) {
        if (value.is_array()) {
            for (const auto& element : value.get_array()) {
                if (any(tests, element)) return true;
            }
            return false;
        }
        // Tests are of leaves.
        if (value.is_object()) return false;
        for (const auto& test : tests) {
            if (test.holds(value)) return true;
        }
        return false;
    }

    // Whether a leaf stands at path_ anywhere in the event: what is absent is absent from all objects of an
    // array.
    bool present(const json::value& value, std::size_t depth) const {
        if (value.is_array()) {
            for (const auto& element : value.get_array()) {
                if (present(element, depth)) return true;
            }
            return false;
        }
        if (depth == path_.size()) return !value.is_object();
        if (!value.is_object()) return false;
        const auto* inside = value.get_object().if_contains(path_[depth]);
        return inside != nullptr && present(*inside, depth + 1);
    }

    const json::value& event_;
    std::vector<std::string_view> path_;
};

}  // namespace

Result<EventPattern> EventPattern::parse(std::string_view text) {
    const auto invalid = [](const std::string& reason) {
        return refuse("InvalidEventPatternException", "Event pattern is not valid. Reason: " + reason);
    };
    boost::system::error_code failed;
    const auto value = json::parse(json::string_view(text.data(), text.size()), failed);
    if (failed) return invalid("Filter is not valid JSON: " + failed.message());
    if (!value.is_object()) return invalid("Filter is not an object");
    auto node = parse_pattern(value.get_object());
    if (!node) return invalid(node.error().message);
    if (ways(*node) > kWaysMost) return invalid("Rule is too complex: too many $or combinations");
    EventPattern pattern;
    pattern.root_ = std::make_shared<const PatternNode>(*std::move(node));
    return pattern;
}

bool EventPattern::matches(const json::value& event) const { return Match(event).node(*root_, event); }

}  // namespace gantry::eventbus
