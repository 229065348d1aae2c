#include "base/codec.h"

#include <gtest/gtest.h>

namespace gantry {
namespace {

enum class Colour { blue, green };
BOOST_DESCRIBE_ENUM(Colour, blue, green)

struct Inner {
    std::string name;
    std::optional<int> size;
    friend bool operator==(const Inner&, const Inner&) = default;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (name, size))

struct Outer {
    Colour colour = Colour::blue;
    std::vector<Inner> list;
    std::map<std::string, Inner> map;
    PolicyInstant at;
    int with_default = 7;
    friend bool operator==(const Outer&, const Outer&) = default;
};
BOOST_DESCRIBE_STRUCT(Outer, (), (colour, list, map, at, with_default))

TEST(Codec, RoundTrips) {
    const Outer value{Colour::green, {{"a", 1}, {"b", {}}}, {{"k", {"c", 3}}}, {42}, 9};
    EXPECT_EQ(decode_text<Outer>(encode_text(value)).value(), value);
}

TEST(Codec, MissingKeepsDefaultAndUnknownIsIgnored) {
    const auto value = decode_text<Outer>(R"({"new_member": [1], "colour": "green"})").value();
    EXPECT_EQ(value.with_default, 7);
    EXPECT_EQ(value.colour, Colour::green);
}

TEST(Codec, SaysWhereItIsWrong) {
    EXPECT_EQ(
        decode_text<Outer>(R"({"list": [{"name": 1}]})").error().message, "list: [0]: name: not a string"
    );
    EXPECT_FALSE(decode_text<Outer>(R"({"colour": "red"})"));
    EXPECT_FALSE(decode_text<Outer>(R"({"with_default": 99999999999})"));
    EXPECT_FALSE(decode_text<Outer>("{"));
}

}  // namespace
}  // namespace gantry
