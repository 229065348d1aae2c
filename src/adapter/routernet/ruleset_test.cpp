#include "adapter/routernet/ruleset.h"

#include <gtest/gtest.h>

#include "adapter/routernet/host_side.h"

// The pure half: what a policy becomes. What the kernel makes of it is proved in tests/network.
namespace gantry::adapter::routernet {
namespace {

port::NetworkState small_state() {
    port::NetworkState state;
    state.vpcs = {{"vpc-a", {"172.31.0.0/16"}}, {"vpc-b", {"172.31.0.0/16"}}};
    state.groups = {
        {"sg-web", {{.protocol = "tcp", .from = 80, .to = 80, .cidr = "0.0.0.0/0"}}, {}},
        {"sg-db", {{.protocol = "tcp", .from = 5432, .to = 5432, .group = "sg-web"}}, {}}
    };
    state.enis = {
        {"eni-1", "172.31.0.10", "vpc-a", {"sg-web"}}, {"eni-2", "172.31.0.11", "vpc-a", {"sg-db"}}
    };
    return state;
}

Ruleset compiled(const port::NetworkState& state) {
    auto made = compile(state, {});
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made.value_or(Ruleset{});
}

TEST(Ruleset, SameStateInAnyOrderIsTheSame) {
    auto state = small_state();
    auto first = compiled(state);
    std::swap(state.enis[0], state.enis[1]);
    std::swap(state.groups[0], state.groups[1]);
    std::swap(state.vpcs[0], state.vpcs[1]);
    EXPECT_EQ(compiled(state), first);
    EXPECT_EQ(difference(first, compiled(state)), "");
    EXPECT_FALSE(narrows(first, first));
}

TEST(Ruleset, ADifferenceNamesOnlyWhatChanged) {
    auto state = small_state();
    auto before = compiled(state);
    state.enis.push_back({"eni-3", "172.31.0.12", "vpc-a", {"sg-web"}});
    auto more = compiled(state);
    auto text = difference(before, more);
    EXPECT_NE(text.find("add element ip gantry to_ingress { 172.31.0.12 : jump ci_"), text.npos) << text;
    EXPECT_NE(text.find("add element ip gantry m_sg_web { 172.31.0.12 }"), text.npos) << text;
    EXPECT_EQ(text.find("172.31.0.10"), text.npos) << text;
    EXPECT_EQ(text.find("delete"), text.npos) << text;
    EXPECT_FALSE(narrows(before, more)) << "only more is allowed";
    EXPECT_TRUE(narrows(more, before));
    EXPECT_NE(difference(more, before).find("delete element ip gantry m_sg_web { 172.31.0.12 }"), text.npos);

    state = small_state();
    state.groups[0].ingress[0].cidr = "10.0.0.0/8";
    auto changed = compiled(state);
    EXPECT_TRUE(narrows(before, changed));
    text = difference(before, changed);
    EXPECT_NE(
        text.find(
            "flush chain ip gantry gi_sg_web\nadd rule ip gantry gi_sg_web ip saddr 10.0.0.0/8 tcp dport 80"
        ),
        text.npos
    ) << text;
}

TEST(Ruleset, OneChainForEqualSetsOfGroups) {
    auto state = small_state();
    state.enis[0].groups = {"sg-db", "sg-web"};
    state.enis[1].groups = {"sg-web", "sg-db", "sg-web"};
    auto made = compiled(state);
    auto& map = made.sets["to_ingress"].elements;
    EXPECT_EQ(map["172.31.0.10"], map["172.31.0.11"]);
}

TEST(Ruleset, NothingButIdsReachesNft) {
    for (const char* bad : {"sg-a b", "sg-a;", "sg-\n", "sg_a", "sg-\"", "", "sg-{"}) {
        auto state = small_state();
        state.groups.push_back({bad, {}, {}});
        EXPECT_FALSE(compile(state, {}).has_value()) << bad;
        state = small_state();
        state.vpcs.push_back({bad, {}});
        EXPECT_FALSE(compile(state, {}).has_value()) << bad;
        state = small_state();
        state.groups[0].ingress[0].protocol = bad;
        EXPECT_FALSE(compile(state, {}).has_value()) << bad;
        state = small_state();
        state.enis[0].id = bad;
        EXPECT_FALSE(compile(state, {}).has_value()) << bad;
    }
}

TEST(Ipv4, ReadsStrictly) {
    EXPECT_EQ(parse_ipv4("10.0.0.1"), Ipv4{0x0A000001});
    for (const char* bad :
         {"", "10.0.0", "10.0.0.1.2", "10.0.0.256", "10.0.0.-1", " 10.0.0.1", "10.0.0.1 ", "10..0.1", "a"}) {
        EXPECT_FALSE(parse_ipv4(bad).has_value()) << bad;
    }
    EXPECT_EQ(format(*parse_cidr("10.1.2.3/8")), "10.0.0.0/8");
    EXPECT_EQ(parse_cidr("0.0.0.0/0"), (Cidr{{0}, 0}));
    for (const char* bad : {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "/8"}) {
        EXPECT_FALSE(parse_cidr(bad).has_value()) << bad;
    }
    EXPECT_TRUE(overlap(*parse_cidr("10.0.0.0/8"), *parse_cidr("10.3.0.0/16")));
    EXPECT_FALSE(overlap(*parse_cidr("10.2.0.0/16"), *parse_cidr("10.3.0.0/16")));
}

TEST(HostRoutes, WhatOverlapsGetsNone) {
    HostView view{{{*parse_cidr("10.0.0.0/24"), "the host's route to 10.0.0.0/24"}}};
    auto judged =
        judge_host_routes({{"vpc-a", {"10.0.0.0/16", "10.1.0.0/16"}}, {"vpc-b", {"10.1.0.0/16"}}}, view);
    ASSERT_EQ(judged.size(), 3U);
    EXPECT_FALSE(judged[0].direct);
    EXPECT_TRUE(judged[1].direct);
    EXPECT_TRUE(judged[2].direct) << "VPCs do not collide with each other";
}

TEST(Replacement, KeepsWhatIsThereAndRemovesWhatIsNot) {
    const auto there = table_names(
        "table ip gantry {\n\tset live {\n\t\ttype ipv4_addr . mark\n\t}\n\n\tset old_set {\n\t}\n\tmap vpc_of {\n\t}\n"
        "\tchain egress {\n\t\ttype filter hook forward priority 0; policy drop;\n\t\tct state invalid drop\n\t}\n"
        "\tchain old_chain {\n\t}\n}\n"
    );
    EXPECT_EQ(there.chains, (std::set<std::string>{"egress", "old_chain"}));
    EXPECT_EQ(there.sets, (std::set<std::string>{"live", "old_set"}));
    EXPECT_EQ(there.maps, std::set<std::string>{"vpc_of"});
    const auto text = replacement(*compile({}, {}), Options{}, there);
    EXPECT_EQ(text.find("delete table"), text.npos) << "a deleted chain drops what is in it";
    const auto flush = text.find("flush chain ip gantry egress\n"), add = text.find("add rule ip gantry egress ");
    EXPECT_LT(flush, add);
    EXPECT_NE(text.find("flush map ip gantry vpc_of\n"), text.npos);
    EXPECT_NE(text.find("delete chain ip gantry old_chain\n"), text.npos);
    EXPECT_NE(text.find("delete set ip gantry old_set\n"), text.npos);
    EXPECT_EQ(text.find("delete chain ip gantry egress"), text.npos);
    EXPECT_EQ(text.find("delete set ip gantry live"), text.npos);
}

}  // namespace
}  // namespace gantry::adapter::routernet
