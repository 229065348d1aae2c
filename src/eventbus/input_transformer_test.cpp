#include "eventbus/input_transformer.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "eventbus/json_path.h"

namespace gantry::eventbus {
namespace {

using shapes::events::Target;

constexpr const char* kEvent =
    R"({"id":"7","detail-type":"T","resources":["r0","r1"],"detail":{"state":"say \"hi\"","n":5,"o":{"k":[1]}}})";

std::string given(const Target& target) {
    RuleRecord rule;
    rule.account = "123456789012";
    rule.region = "us-east-1";
    rule.bus = "default";
    rule.name = "r";
    return input_of(target, rule, boost::json::parse(kEvent), kEvent, PolicyInstant{0});
}

std::string transformed(const std::string& text) {
    Target target;
    target.id = "t";
    auto& transformer = target.input_transformer.emplace();
    transformer.input_paths_map = {
        {"state", "$.detail.state"}, {"n", "$.detail.n"}, {"o", "$.detail.o"}, {"second", "$.resources[1]"},
        {"type", "$['detail-type']"}, {"none", "$.detail.none"}};
    transformer.input_template = text;
    const auto admitted = admit_input(target);
    EXPECT_TRUE(admitted) << (admitted ? "" : admitted.error().message);
    return given(target);
}

TEST(Input, IsTheEventItsPartOrAConstant) {
    Target target;
    EXPECT_EQ(given(target), kEvent);
    target.input_path = "$.detail.o";
    EXPECT_EQ(given(target), R"({"k":[1]})");
    target.input_path.reset();
    target.input = R"({"c":1})";
    EXPECT_EQ(given(target), R"({"c":1})");
}

TEST(Input, TemplatesAreFilledIn) {
    EXPECT_EQ(transformed(R"("Type <type>, <second>, <n>")"), R"("Type T, r1, 5")");
    EXPECT_EQ(transformed(R"({"s": <state>, "n": <n>, "o": <o>})"), R"({"s": "say \"hi\"", "n": 5, "o": {"k":[1]}})");
    EXPECT_EQ(transformed(R"({"s": "it did <state>"})"), R"({"s": "it did say \"hi\""})");
    EXPECT_EQ(transformed(R"({"s": <none>})"), R"({"s": ""})");
    EXPECT_EQ(transformed(R"("<aws.events.rule-name> at <aws.events.event.ingestion-time>")"), R"("r at 1970-01-01T00:00:00Z")");
    EXPECT_EQ(transformed(R"({"e": <aws.events.event.json>})"), std::string(R"({"e": )") + kEvent + "}");
    EXPECT_EQ(transformed("\"one <n>\"\n\"two <type>\""), "\"one 5\"\n\"two T\"");
    // No variable: left as it is.
    EXPECT_EQ(transformed(R"("a < b")"), R"("a < b")");
}

TEST(JsonPathTest, NamesOnePlace) {
    for (const char* wrong : {"", "detail", "$detail", "$.", "$..a", "$.a[", "$.a[*]", "$.*", "$.a[-1]", "$.a[1:2]"})
        EXPECT_FALSE(JsonPath::parse(wrong)) << wrong;
    const auto event = boost::json::parse(kEvent);
    EXPECT_EQ(*JsonPath::parse("$.detail.o.k[0]")->find(event), 1);
    EXPECT_EQ(JsonPath::parse("$.detail.o.k[1]")->find(event), nullptr);
    EXPECT_EQ(JsonPath::parse("$.id.x")->find(event), nullptr);
}

}  // namespace
}  // namespace gantry::eventbus
