#include "eventbus/event_pattern.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>

namespace gantry::eventbus {
namespace {

namespace json = boost::json;

bool matches(std::string_view pattern, std::string_view event) {
    const auto parsed = EventPattern::parse(pattern);
    EXPECT_TRUE(parsed) << pattern << ": " << (parsed ? "" : parsed.error().message);
    return parsed && parsed->matches(json::parse(json::string_view(event)));
}

struct Case {
    const char* pattern;
    const char* event;
    bool matches;
};

class Table : public ::testing::TestWithParam<Case> {};

TEST_P(Table, Says) {
    EXPECT_EQ(matches(GetParam().pattern, GetParam().event), GetParam().matches)
        << GetParam().pattern << " on " << GetParam().event;
}

INSTANTIATE_TEST_SUITE_P(
    Exact,
    Table,
    ::testing::Values(
        Case{R"({"a":["x"]})", R"({"a":"x"})", true},
        Case{R"({"a":["x"]})", R"({"a":"X"})", false},
        Case{R"({"a":["x","y"]})", R"({"a":"y","b":1})", true},
        Case{R"({"a":["x"],"b":["y"]})", R"({"a":"x"})", false},
        Case{R"({"a":["x"]})", R"({"a":["z","x"]})", true},
        Case{R"({"a":["x"]})", R"({"a":[]})", false},
        Case{R"({"a":["x"]})", R"({"a":{"b":"x"}})", false},
        Case{R"({"a":{"b":["x"]}})", R"({"a":{"b":"x"}})", true},
        Case{R"({"a":{"b":["x"]}})", R"({"a":"x"})", false},
        Case{R"({"a":[5]})", R"({"a":5.0})", true},
        Case{R"({"a":[5]})", R"({"a":"5"})", false},
        Case{R"({"a":[null]})", R"({"a":null})", true},
        Case{R"({"a":[null]})", R"({})", false},
        Case{R"({"a":[true]})", R"({"a":true})", true},
        Case{R"({"a":[""]})", R"({"a":""})", true}
    )
);

INSTANTIATE_TEST_SUITE_P(
    Text,
    Table,
    ::testing::Values(
        Case{R"({"a":[{"prefix":"ab"}]})", R"({"a":"abc"})", true},
        Case{R"({"a":[{"prefix":"ab"}]})", R"({"a":"Abc"})", false},
        Case{R"({"a":[{"prefix":"ab"}]})", R"({"a":5})", false},
        Case{R"({"a":[{"prefix":{"equals-ignore-case":"AB"}}]})", R"({"a":"abc"})", true},
        Case{R"({"a":[{"suffix":".png"}]})", R"({"a":"b.png"})", true},
        Case{R"({"a":[{"suffix":".png"}]})", R"({"a":"b.PNG"})", false},
        Case{R"({"a":[{"suffix":{"equals-ignore-case":".PNG"}}]})", R"({"a":"b.png"})", true},
        Case{R"({"a":[{"equals-ignore-case":"Alice"}]})", R"({"a":"aLICE"})", true},
        Case{R"({"a":[{"equals-ignore-case":"Alice"}]})", R"({"a":"Alices"})", false},
        Case{R"({"a":[{"wildcard":"*.png"}]})", R"({"a":"dir/x.png"})", true},
        Case{R"({"a":[{"wildcard":"a*b*c"}]})", R"({"a":"aXbXbc"})", true},
        Case{R"({"a":[{"wildcard":"a*b*c"}]})", R"({"a":"aXc"})", false},
        Case{R"({"a":[{"wildcard":"a\\*b"}]})", R"({"a":"a*b"})", true},
        Case{R"({"a":[{"wildcard":"a\\*b"}]})", R"({"a":"aXb"})", false},
        Case{R"({"a":[{"wildcard":"a\\\\b"}]})", R"({"a":"a\\b"})", true},
        Case{R"({"a":[{"wildcard":"*"}]})", R"({"a":""})", true}
    )
);

INSTANTIATE_TEST_SUITE_P(
    AnythingBut,
    Table,
    ::testing::Values(
        Case{R"({"a":[{"anything-but":"x"}]})", R"({"a":"y"})", true},
        Case{R"({"a":[{"anything-but":"x"}]})", R"({"a":"x"})", false},
        Case{R"({"a":[{"anything-but":"x"}]})", R"({})", false},
        Case{R"({"a":[{"anything-but":["x","y"]}]})", R"({"a":"y"})", false},
        Case{R"({"a":[{"anything-but":["x","y"]}]})", R"({"a":["y","z"]})", true},
        Case{R"({"a":[{"anything-but":[100,200]}]})", R"({"a":100})", false},
        Case{R"({"a":[{"anything-but":[100,200]}]})", R"({"a":300})", true},
        Case{R"({"a":[{"anything-but":123}]})", R"({"a":"123"})", true},
        Case{R"({"a":[{"anything-but":{"prefix":"in"}}]})", R"({"a":"init"})", false},
        Case{R"({"a":[{"anything-but":{"prefix":["in","out"]}}]})", R"({"a":"other"})", true},
        Case{R"({"a":[{"anything-but":{"suffix":".txt"}}]})", R"({"a":"b.txt"})", false},
        Case{R"({"a":[{"anything-but":{"suffix":[".txt",".rtf"]}}]})", R"({"a":"b.rtf"})", false},
        Case{R"({"a":[{"anything-but":{"equals-ignore-case":"X"}}]})", R"({"a":"x"})", false},
        Case{R"({"a":[{"anything-but":{"equals-ignore-case":["X","Y"]}}]})", R"({"a":"z"})", true},
        Case{R"({"a":[{"anything-but":{"wildcard":"*/lib/*"}}]})", R"({"a":"x/lib/y"})", false},
        Case{R"({"a":[{"anything-but":{"wildcard":["*/lib/*","*/bin/*"]}}]})", R"({"a":"x/etc/y"})", true}
    )
);

INSTANTIATE_TEST_SUITE_P(
    NumericCidrExists,
    Table,
    ::testing::Values(
        Case{R"({"a":[{"numeric":["=",3.018e2]}]})", R"({"a":301.8})", true},
        Case{R"({"a":[{"numeric":[">",0,"<=",5]}]})", R"({"a":5})", true},
        Case{R"({"a":[{"numeric":[">",0,"<=",5]}]})", R"({"a":0})", false},
        Case{R"({"a":[{"numeric":["<",10]}]})", R"({"a":-3})", true},
        Case{R"({"a":[{"numeric":[">=",10]}]})", R"({"a":"11"})", false},
        Case{R"({"a":[{"cidr":"10.0.0.0/24"}]})", R"({"a":"10.0.0.255"})", true},
        Case{R"({"a":[{"cidr":"10.0.0.0/24"}]})", R"({"a":"10.0.1.0"})", false},
        Case{R"({"a":[{"cidr":"10.0.0.0/24"}]})", R"({"a":"ten"})", false},
        Case{R"({"a":[{"cidr":"2001:db8::/32"}]})", R"({"a":"2001:db8:1::1"})", true},
        Case{R"({"a":[{"cidr":"2001:db8::/32"}]})", R"({"a":"10.0.0.1"})", false},
        Case{R"({"a":[{"exists":true}]})", R"({"a":null})", true},
        Case{R"({"a":[{"exists":true}]})", R"({"a":{"b":1}})", false},
        Case{R"({"a":[{"exists":true}]})", R"({})", false},
        Case{R"({"a":[{"exists":false}]})", R"({"b":1})", true},
        Case{R"({"a":[{"exists":false}]})", R"({"a":1})", false},
        Case{R"({"a":[{"exists":false},"x"]})", R"({"a":"x"})", true},
        Case{R"({"a":[{"exists":false},"x"]})", R"({"a":"y"})", false},
        Case{R"({"a":{"b":[{"exists":false}]}})", R"({})", true},
        Case{R"({"a":{"b":[{"exists":false}]}})", R"({"a":{"c":1}})", true},
        Case{R"({"a":{"b":[{"exists":false}]}})", R"({"a":[{"c":1},{"b":1}]})", false}
    )
);

INSTANTIATE_TEST_SUITE_P(
    OrAndArrays,
    Table,
    ::testing::Values(
        Case{R"({"$or":[{"a":["x"]},{"b":[1]}]})", R"({"b":1})", true},
        Case{R"({"$or":[{"a":["x"]},{"b":[1]}]})", R"({"a":"y","b":2})", false},
        Case{R"({"s":["k"],"$or":[{"a":["x"]},{"b":[1]}]})", R"({"a":"x"})", false},
        Case{R"({"d":{"$or":[{"a":["x"]},{"b":[{"numeric":[">",1]}],"c":["y"]}]}})", R"({"d":{"b":2,"c":"y"}})", true},
        Case{R"({"$or":[{"a":["x"],"$or":[{"b":[1]},{"b":[2]}]},{"c":[3]}]})", R"({"a":"x","b":2})", true},
        // Not a choice: a field of that name.
        Case{R"({"$or":["x"]})", R"({"$or":"x"})", true},
        // Both must hold of the same object of an array.
        Case{R"({"l":{"x":[1],"y":[2]}})", R"({"l":[{"x":1,"y":3},{"x":4,"y":2}]})", false},
        Case{R"({"l":{"x":[1],"y":[2]}})", R"({"l":[{"x":1,"y":3},{"x":1,"y":2}]})", true},
        Case{R"({"l":{"m":{"x":[1]}}})", R"({"l":[{"m":[{"x":2},{"x":1}]}]})", true}
    )
);

class Refused : public ::testing::TestWithParam<const char*> {};

TEST_P(Refused, AsInvalid) {
    const auto parsed = EventPattern::parse(GetParam());
    ASSERT_FALSE(parsed) << GetParam();
    EXPECT_EQ(parsed.error().code, "InvalidEventPatternException");
    EXPECT_TRUE(parsed.error().message.starts_with("Event pattern is not valid. Reason: ")) << parsed.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Patterns,
    Refused,
    ::testing::Values(
        "", "x", "[]", "{}", R"({"a":"x"})", R"({"a":1})", R"({"a":[]})", R"({"a":{}})", R"({"a":[["x"]]})",
        R"({"a":[{}]})", R"({"a":[{"prefix":"x","suffix":"y"}]})", R"({"a":[{"like":"x"}]})",
        R"({"a":[{"prefix":5}]})", R"({"a":[{"prefix":{"suffix":"x"}}]})", R"({"a":[{"wildcard":"a**b"}]})",
        R"({"a":[{"wildcard":"a\\b"}]})", R"({"a":[{"wildcard":"a\\"}]})", R"({"a":[{"numeric":[]}]})",
        R"({"a":[{"numeric":["=","5"]}]})", R"({"a":[{"numeric":["<",5,">",3]}]})",
        R"({"a":[{"numeric":[">",5,"<",3]}]})", R"({"a":[{"numeric":[">",5e10]}]})",
        R"({"a":[{"numeric":["=",5,"<",3]}]})", R"({"a":[{"cidr":"10.0.0.0"}]})", R"({"a":[{"cidr":"10.0.0.0/33"}]})",
        R"({"a":[{"exists":"true"}]})", R"({"a":[{"anything-but":[]}]})", R"({"a":[{"anything-but":["x",1]}]})",
        R"({"a":[{"anything-but":true}]})", R"({"a":[{"anything-but":{"numeric":["=",1]}}]})",
        R"({"a":[{"anything-but":{"prefix":""}}]})", R"({"a":[{"anything-but":{"prefix":[1]}}]})",
        R"({"$or":[{"a":["x"]},{}]})"
    )
);

TEST(EventPattern, TooManyWaysThroughItsChoicesAreRefused) {
    const auto choice = [](int options, int number) {
        std::string text = "\"f" + std::to_string(number) + "\":{\"$or\":[";
        for (int i = 0; i < options; ++i) text += (i ? "," : "") + std::string("{\"x\":[") + std::to_string(i) + "]}";
        return text + "]}";
    };
    EXPECT_TRUE(EventPattern::parse("{" + choice(10, 1) + "," + choice(10, 2) + "," + choice(10, 3) + "}"));
    EXPECT_FALSE(EventPattern::parse("{" + choice(10, 1) + "," + choice(10, 2) + "," + choice(11, 3) + "}"));
}

// Random leaves: what a test says of a value is what C++ says of it.
TEST(EventPatternProperty, TestsAgreeWithANaiveReading) {
    std::mt19937 random(7);
    const auto text = [&] {
        std::string out;
        for (auto n = random() % 5; n > 0; --n) out += "aAb*"[random() % 3];
        return out;
    };
    const auto ask = [](const char* test, const json::value& operand, const json::value& value) {
        const auto pattern = json::serialize(json::object{{"k", json::array{json::object{{test, operand}}}}});
        const auto parsed = EventPattern::parse(pattern);
        EXPECT_TRUE(parsed) << pattern;
        return parsed->matches(json::object{{"k", value}});
    };
    for (int i = 0; i < 3'000; ++i) {
        const std::string value = text(), operand = text();
        EXPECT_EQ(ask("prefix", json::value(operand), json::value(value)), value.starts_with(operand));
        EXPECT_EQ(ask("suffix", json::value(operand), json::value(value)), value.ends_with(operand));
        EXPECT_EQ(ask("anything-but", json::value(operand), json::value(value)), value != operand);
        EXPECT_EQ(
            ask("wildcard", json::value(operand.empty() ? "*" : "*" + operand + "*"), json::value(value)),
            operand.empty() || value.find(operand) != std::string::npos
        ) << value << " " << operand;
        const int number = static_cast<int>(random() % 20), low = static_cast<int>(random() % 20);
        EXPECT_EQ(ask("numeric", json::array{">=", low, "<", low + 5}, number), number >= low && number < low + 5);
        // A test and its opposite never both hold of one value.
        EXPECT_NE(
            ask("anything-but", json::object{{"prefix", "a" + operand}}, json::value(value)),
            ask("prefix", json::value("a" + operand), json::value(value))
        );
    }
}

// What matches an event matches the event with more in it.
TEST(EventPatternProperty, MoreInAnEventDoesNotUnmatchIt) {
    std::mt19937 random(11);
    for (int i = 0; i < 500; ++i) {
        json::object event{{"a", static_cast<int>(random() % 3)}, {"b", json::object{{"c", random() % 2 ? "x" : "y"}}}};
        const auto pattern = EventPattern::parse(R"({"a":[1,2],"b":{"c":["x"]}})");
        const bool before = pattern->matches(event);
        event["z" + std::to_string(random() % 5)] = "more";
        event["b"].as_object()["d"] = 5;
        EXPECT_EQ(pattern->matches(event), before);
    }
}

}  // namespace
}  // namespace gantry::eventbus
