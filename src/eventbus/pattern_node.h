#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eventbus/address_range.h"

// What an event pattern is made of once it is parsed. Only event_pattern.cpp and pattern_test.cpp's own need
// it.
namespace gantry::eventbus {

// One entry of a pattern's array: what a value must be.
struct ValueTest {
    enum class Kind {
        equals,  // `value`, of the same type
        equals_ignoring_case,
        prefix,
        prefix_ignoring_case,
        suffix,
        suffix_ignoring_case,
        wildcard,  // `text` with escapes
        numeric,
        cidr,
        exists,
        anything_but,  // none of `inner`
    };
    Kind kind = Kind::equals;
    boost::json::value value;
    std::string text;
    // numeric: bounds, each inclusive or not
    std::optional<double> low, high;
    bool low_included = false, high_included = false;
    AddressRange range;
    std::vector<ValueTest> inner;

    bool holds(const boost::json::value& scalar) const;
};

struct PatternNode {
    // A field's name, and either what its values must be or the pattern of what is inside.
    struct Field {
        std::string name;
        std::vector<ValueTest> tests;  // empty: `inside` counts
        bool may_be_absent = false;    // {"exists": false}
        std::vector<PatternNode> inside;  // none or one
    };
    std::vector<Field> fields;                      // all of them
    std::vector<std::vector<PatternNode>> choices;  // $or: one of each
};

}  // namespace gantry::eventbus
