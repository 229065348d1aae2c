#include "adapter/routernet/balancer_rules.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "adapter/routernet/host_balancing.h"

// The pure half of load balancing: what becomes of it in the kernel is proved in tests/network.
namespace gantry::adapter::routernet {
namespace {

port::NetworkState balanced_state() {
    port::NetworkState state;
    state.vpcs = {{"vpc-a", {"172.31.0.0/16"}}};
    state.groups = {
        {"sg-lb", {{.protocol = "tcp", .from = 80, .to = 80, .cidr = "0.0.0.0/0"}}, {}},
        {"sg-web", {{.protocol = "tcp", .from = 8080, .to = 8080, .group = "sg-lb"}}, {}}
    };
    state.enis = {
        {"eni-lb", "172.31.9.1", "vpc-a", {"sg-lb"}}, {"eni-web", "172.31.0.10", "vpc-a", {"sg-web"}}
    };
    state.balancers = {{"lb-a", "eni-lb", "172.31.9.1", {{"tcp", 80, {{"172.31.0.10", 8080}}}}}};
    state.host_balancers = {{"lb-a", "127.64.0.1", true, {{"tcp", 80, {{"172.31.0.10", 8080}}}}}};
    return state;
}

Ruleset compiled(const port::NetworkState& state) {
    auto made = compile(state, {});
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made.value_or(Ruleset{});
}

TEST(Spread, GivesEveryTargetItsShare) {
    port::FlowListener listener{"tcp", 80, {{"10.0.0.2", 81, 3}, {"10.0.0.1", 80, 1}}};
    auto rules = spread(listener, "here");
    ASSERT_TRUE(rules.has_value()) << rules.error().message;
    ASSERT_EQ(rules->size(), 2U);
    const auto* rule = &rules->front();
    EXPECT_EQ(rules->back(), "meta l4proto tcp dnat ip to 10.0.0.2:81") << "for whom the map is gone";
    EXPECT_NE(rule->find("mod 4 "), rule->npos) << *rule;
    EXPECT_NE(rule->find("map { 0 : 10.0.0.1 . 80, 1-3 : 10.0.0.2 . 81 }"), rule->npos) << *rule;
    std::swap(listener.targets[0], listener.targets[1]);
    EXPECT_EQ(*spread(listener, "here"), *rules) << "order means nothing";
    listener.targets.push_back({"10.0.0.1", 80, 2});
    EXPECT_NE(spread(listener, "here")->front().find("0-2 : 10.0.0.1 . 80, 3-5"), rule->npos) << "twice: both shares";
    listener.targets = {{"10.0.0.1", 80, 5}};
    EXPECT_EQ(*spread(listener, "here"), std::vector<std::string>{"meta l4proto tcp dnat ip to 10.0.0.1:80"});
    listener.targets = {
        {"10.0.0.1", 80, 2'000'000'000}, {"10.0.0.2", 80, 2'000'000'000}, {"10.0.0.3", 80, 1}
    };
    EXPECT_NE(spread(listener, "here")->front().find(" mod 1000000001 "), rule->npos)
        << "more than the kernel can count: scaled, and nobody gets nothing";
    listener.targets = {};
    EXPECT_TRUE(spread(listener, "here")->empty());
    listener.local_address = "169.254.170.3";
    listener.local_port = 7001;
    EXPECT_EQ(*spread(listener, "here"), std::vector<std::string>{"meta l4proto tcp dnat ip to 169.254.170.3:7001"});
}

TEST(Balancers, AChangeOfTargetsIsSmallAndNarrowsNothing) {
    auto state = balanced_state();
    auto before = compiled(state);
    state.balancers[0].listeners[0].targets.push_back({"172.31.0.11", 8080});
    auto more = compiled(state);
    auto text = difference(before, more);
    EXPECT_TRUE(text.starts_with("flush chain ip gantry lb_172_31_9_1_tcp_80\n"
                                 "add rule ip gantry lb_172_31_9_1_tcp_80 "))
        << text;
    EXPECT_EQ(std::ranges::count(text, '\n'), 3) << text;
    EXPECT_FALSE(narrows(before, more));
    EXPECT_FALSE(narrows(more, before)) << "open flows are not judged again";
    state.balancers[0].listeners[0].targets = {};
    text = difference(before, compiled(state));
    EXPECT_NE(text.find("delete element ip gantry lb_dispatch { 172.31.9.1 . tcp . 80 }"), text.npos) << text;
    EXPECT_NE(text.find("delete chain ip gantry lb_172_31_9_1_tcp_80"), text.npos) << text;
}

TEST(Balancers, GroupsStandBeforeOnlyThoseThatHaveSome) {
    auto state = balanced_state();
    auto made = compiled(state);
    EXPECT_EQ(made.sets["lb_clients"].elements.size(), 2U) << "both addresses";
    EXPECT_TRUE(made.sets["m_sg_lb"].elements.contains("127.64.0.1"))
        << "the host's way in is the balancer too";
    EXPECT_EQ(made.sets["lb_source"].elements["127.64.0.1"], "172.31.9.1");
    bool through = false;
    for (const auto& rule : made.chains["gi_sg_web"]) {
        through = through || rule.starts_with("ct status dnat ct original ip daddr @m_sg_lb tcp dport 8080 ");
    }
    EXPECT_TRUE(through);
    state.enis[0].groups = {};
    made = compiled(state);
    EXPECT_TRUE(made.sets["lb_clients"].elements.empty());
    EXPECT_TRUE(made.sets["lb_egress"].elements.empty());
    EXPECT_EQ(made.chains["gi_sg_web"].size(), 1U);
}

TEST(Balancers, NonsenseIsRefused) {
    auto refused = [](auto change) {
        auto state = balanced_state();
        change(state);
        auto made = compile(state, {});
        return !made && made.error().errc == Errc::invalid;
    };
    using State = port::NetworkState;
    EXPECT_TRUE(refused([](State& s) { s.balancers[0].eni = "eni-none"; }));
    EXPECT_TRUE(refused([](State& s) { s.balancers[0].address = "172.31.9.2"; }));
    EXPECT_TRUE(refused([](State& s) { s.balancers.push_back(s.balancers[0]); }));
    EXPECT_TRUE(refused([](State& s) { s.balancers.clear(); })) << "for the host alone";
    EXPECT_TRUE(refused([](State& s) { s.host_balancers[0].host_address = "127.0.0.1"; }));
    EXPECT_TRUE(refused([](State& s) { s.host_balancers[0].host_address = "127.64.0.1; flush ruleset"; }));
    EXPECT_TRUE(refused([](State& s) { s.host_balancers.push_back(s.host_balancers[0]); }));
    using Listener = port::FlowListener;
    auto bad = [&](auto change) { return refused([&](State& s) { change(s.balancers[0].listeners[0]); }); };
    EXPECT_TRUE(bad([](Listener& l) { l.protocol = "icmp"; }));
    EXPECT_TRUE(bad([](Listener& l) { l.port = 0; }));
    EXPECT_TRUE(bad([](Listener& l) { l.targets[0].port = 0; }));
    EXPECT_TRUE(bad([](Listener& l) { l.targets[0].weight = 0; }));
    EXPECT_TRUE(bad([](Listener& l) { l.targets[0].address = "172.31.0.10 . 80"; }));
    EXPECT_TRUE(bad([](Listener& l) { l.targets[0].address = "127.0.0.1"; })) << "the router's own loopback";
    EXPECT_TRUE(bad([](Listener& l) { l.targets[0].address = "169.254.170.2"; }))
        << "other tasks' credentials";
    EXPECT_TRUE(bad([](Listener& l) { l.local_port = 7001, l.local_address = "169.254.170.3"; }))
        << "and targets beside it";
    EXPECT_TRUE(bad([](Listener& l) { l.targets = {}, l.local_port = 7001, l.local_address = "127.0.0.1"; }));
    EXPECT_TRUE(refused([](State& s) {
        s.balancers[0].listeners.push_back(s.balancers[0].listeners[0]);
    })) << "a listener twice";
}

TEST(LocalPorts, GoToWhoHasThemElseToTheFirst) {
    std::vector<port::HostBalancerState> wanted{
        {"lb-b", "127.64.0.2", true, {{"tcp", 80}, {"udp", 80}}},
        {"lb-a", "127.64.0.1", true, {{"tcp", 80}}},
        {"lb-c", "127.64.0.3", false, {{"tcp", 443}}}
    };
    auto chosen = choose_local_ports(wanted, {});
    ASSERT_EQ(chosen.size(), 2U);
    EXPECT_EQ((chosen[{"tcp", 80}].balancer), "lb-a");
    EXPECT_EQ((chosen[{"udp", 80}].balancer), "lb-b");
    for (auto order : {0, 1}) {
        if (order == 1) std::swap(wanted[0], wanted[1]);
        EXPECT_EQ((choose_local_ports(wanted, {{{"tcp", 80}, "127.64.0.2"}})[{"tcp", 80}].balancer), "lb-b");
        EXPECT_EQ((choose_local_ports(wanted, {{{"tcp", 80}, "127.64.0.9"}})[{"tcp", 80}].balancer), "lb-a");
    }
}

}  // namespace
}  // namespace gantry::adapter::routernet
