#include "adapter/haproxy/text.h"

#include <gtest/gtest.h>

#include "adapter/haproxy/frontend.h"
#include "adapter/haproxy/slots.h"

namespace gantry::adapter::haproxy {
namespace {

TEST(Text, QuotedIsOneWordOfOneLine) {
    EXPECT_EQ(quoted("a b"), "'a b'");
    EXPECT_EQ(quoted("it's"), "'it'\\''s'");
    EXPECT_EQ(quoted("a\nbackend x"), "'a?backend x'");
    EXPECT_EQ(quoted(""), "''");
}

TEST(Text, WildcardsBecomeRegularExpressions) {
    EXPECT_EQ(wildcard_regex("/img/*"), "/img/.*");
    EXPECT_EQ(wildcard_regex("a?c.d"), "a.c\\x2ed");
    EXPECT_EQ(wildcard_regex("v*", "[^&]"), "v[^&]*");
    EXPECT_EQ(wildcard_regex("($)"), "\\x28\\x24\\x29");
}

TEST(Text, NamesAreAFunctionOfTheId) {
    EXPECT_EQ(section_name("b_", "x"), section_name("b_", "x"));
    EXPECT_NE(section_name("b_", "x"), section_name("b_", "y"));
    EXPECT_EQ(section_name("b_", "any / thing").size(), 18u);
}

TEST(Weights, ThresholdsShareAMillion) {
    link::BalancerAction action;
    action.groups = {{"a", 1}, {"b", 0}, {"c", 3}};
    const auto thresholds = weight_thresholds("f", 7, action);
    EXPECT_EQ(thresholds.at(weight_key("f", 7, 0)), 250'000);
    EXPECT_EQ(thresholds.at(weight_key("f", 7, 1)), 250'000);
    EXPECT_EQ(thresholds.at(weight_key("f", 7, 2)), 1'000'000);
    action.groups = {{"a", 0}};
    EXPECT_EQ(weight_thresholds("f", 7, action).at(weight_key("f", 7, 0)), 0);
}

port::HttpBalancerState with_servers(std::vector<port::HttpServer> servers) {
    link::LoadBalancer balancer;
    balancer.id = "front";
    balancer.listeners.push_back({"http", "HTTP", 80});
    return {{balancer}, {{"tg", "HTTP", "HTTP1", {}, std::move(servers)}}};
}

TEST(Slots, WhoIsThereStaysWhereItIs) {
    const auto first = assign({}, with_servers({{"10.0.0.1", 80}, {"10.0.0.2", 80}}), 100, 199);
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(first->slots.at("tg").size(), 8u);
    EXPECT_EQ(first->slots.at("tg")[1].address, "10.0.0.2");
    const auto second = assign(*first, with_servers({{"10.0.0.3", 80}, {"10.0.0.2", 80, true}}), 100, 199);
    EXPECT_EQ(second->slots.at("tg")[0].address, "10.0.0.3");
    EXPECT_EQ(second->slots.at("tg")[1], (Slot{"10.0.0.2", 80, true}));
    EXPECT_EQ(second->ports, first->ports);
}

TEST(Slots, GrowInLargeSteps) {
    std::vector<port::HttpServer> many;
    for (std::uint16_t i = 0; i < 9; ++i) many.push_back({"10.0.0.1", static_cast<std::uint16_t>(i + 1)});
    const auto grown = assign({}, with_servers(many), 100, 199);
    EXPECT_EQ(grown->slots.at("tg").size(), 18u);
    EXPECT_EQ(assign(*grown, with_servers({}), 100, 199)->slots.at("tg").size(), 18u);
}

TEST(Slots, PortsRunOut) {
    EXPECT_FALSE(assign({}, with_servers({}), 100, 99).has_value());
    EXPECT_EQ(assign({}, with_servers({}), 100, 100)->ports.begin()->second, 100);
}

}  // namespace
}  // namespace gantry::adapter::haproxy
