#include "worker/balancer_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::worker {
namespace {

using link::TargetState;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto healthy = TargetState::healthy;
constexpr auto unhealthy = TargetState::unhealthy;
constexpr auto initial = TargetState::initial;
constexpr auto draining = TargetState::draining;

link::BalancerTarget target(const std::string& address, const std::string& zone, TargetState state) {
    return {address, 80, zone, state, "r-" + address};
}

// A network balancer in zones a and b that forwards 8081 to group g.
struct Plan : testing::Test {
    BalancerObjects objects;
    std::vector<port::HttpEntrance> entrances;

    Plan() {
        auto& balancer = objects.balancers["lb"];
        balancer.id = "lb";
        balancer.type = "network";
        balancer.dns_name = "front.elb.gantry.internal";
        balancer.host_address = "127.64.0.1";
        balancer.addresses = {{"a", "eni-a", "10.0.0.1"}, {"b", "eni-b", "10.0.1.1"}};
        balancer.listeners = {a_listener("TCP", 8081, {{"g", 1}})};
        objects.groups["g"] = a_group("g");
    }
    static link::BalancerListener a_listener(
        const std::string& protocol, int port, std::vector<link::WeightedGroup> groups
    ) {
        link::BalancerListener listener;
        listener.id = "l-" + std::to_string(port);
        listener.protocol = protocol;
        listener.port = port;
        listener.default_action.type = "forward";
        listener.default_action.groups = std::move(groups);
        return listener;
    }
    static link::TargetGroup a_group(const std::string& id) {
        link::TargetGroup group;
        group.id = id;
        group.protocol = "TCP";
        group.attributes["load_balancing.cross_zone.enabled"] = "use_load_balancer_configuration";
        return group;
    }
    link::LoadBalancer& balancer() { return objects.balancers["lb"]; }
    link::TargetGroup& group(const std::string& id = "g") { return objects.groups[id]; }
    BalancerFlows flows() const { return balancer_flows(objects, entrances, {{"eni-a", "10.0.0.1"}, {"eni-b", "10.0.1.1"}}); }

    static std::vector<std::string> ends(const port::FlowListener& listener) {
        std::vector<std::string> out;
        for (const auto& one : listener.targets)
            out.push_back(one.address + (one.weight == 1 ? "" : "*" + std::to_string(one.weight)));
        return out;
    }
    std::vector<std::string> at_a(std::size_t listener = 0) const {
        return ends(flows().addresses.at(0).listeners.at(listener));
    }
    std::vector<std::string> at_b(std::size_t listener = 0) const {
        return ends(flows().addresses.at(1).listeners.at(listener));
    }
    std::vector<std::string> at_host() const { return ends(flows().hosts.at(0).listeners.at(0)); }
    std::vector<std::string> name() const {
        return balancer_names(objects).zonal.at("front.elb.gantry.internal");
    }
};

TEST_F(Plan, EachZoneSendsToItsOwnHealthyTargets) {
    group().targets = {
        target("1", "a", healthy), target("2", "a", unhealthy), target("3", "b", healthy),
        target("4", "b", initial), target("5", "b", draining),  target("6", "all", healthy)
    };
    EXPECT_THAT(at_a(), ElementsAre("1", "6"));
    EXPECT_THAT(at_b(), ElementsAre("3", "6"));
    EXPECT_THAT(at_host(), ElementsAre("1", "3", "6"));
    const auto all = flows();
    EXPECT_EQ(all.addresses[0].balancer, "lb");
    EXPECT_EQ(all.addresses[0].eni, "eni-a");
    EXPECT_EQ(all.addresses[1].address, "10.0.1.1");
    EXPECT_EQ(all.hosts[0].host_address, "127.64.0.1");
    EXPECT_EQ(all.addresses[0].listeners[0].port, 8081);
    EXPECT_EQ(all.addresses[0].listeners[0].targets[0].port, 80);
}

TEST_F(Plan, CrossZoneIsTheBalancersUnlessTheGroupSaysOtherwise) {
    group().targets = {target("1", "a", healthy), target("3", "b", healthy), target("9", "c", healthy)};
    const auto cross = [&](const std::string& of_balancer, const std::string& of_group) {
        balancer().attributes["load_balancing.cross_zone.enabled"] = of_balancer;
        group().attributes["load_balancing.cross_zone.enabled"] = of_group;
        return at_a().size() == 2;
    };
    EXPECT_FALSE(cross("false", "use_load_balancer_configuration"));
    EXPECT_TRUE(cross("true", "use_load_balancer_configuration"));
    EXPECT_TRUE(cross("false", "true"));
    EXPECT_FALSE(cross("true", "false"));
    // Zone c is not one of the balancer's.
    EXPECT_THAT(at_host(), ElementsAre("1", "3"));
}

TEST_F(Plan, FailsOpenToAllThatAreNeitherDrainingNorDead) {
    group().targets = {
        target("1", "a", unhealthy), target("2", "a", initial), target("3", "a", draining),
        target("4", "a", unhealthy), target("5", "b", healthy)
    };
    objects.dead["4"] = {80};
    EXPECT_THAT(at_a(), ElementsAre("1", "2"));
    EXPECT_THAT(at_b(), ElementsAre("5"));
    // Elsewhere one is healthy: the host goes there.
    EXPECT_THAT(at_host(), ElementsAre("5"));
    EXPECT_THAT(name(), ElementsAre("10.0.1.1"));
}

TEST_F(Plan, FailsOpenEarlierWhereTheGroupAsksForMoreHealthyTargets) {
    group().targets = {
        target("1", "a", healthy), target("2", "a", unhealthy), target("3", "a", unhealthy)
    };
    EXPECT_THAT(at_a(), ElementsAre("1"));
    auto& attributes = group().attributes;
    attributes["target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"] = "2";
    EXPECT_EQ(at_a().size(), 3u);
    attributes["target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"] = "1";
    attributes["target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"] = "off";
    EXPECT_EQ(at_a().size(), 1u);
    attributes["target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"] = "34";
    EXPECT_EQ(at_a().size(), 3u);
    attributes["target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"] = "33";
    EXPECT_EQ(at_a().size(), 1u);
}

TEST_F(Plan, ADeadTargetGetsNothingWhateverItsState) {
    group().targets = {target("1", "a", healthy), target("2", "a", healthy)};
    objects.dead["1"] = {8080};
    EXPECT_THAT(at_a(), ElementsAre("1", "2"));
    objects.dead["1"] = {8080, 80};
    EXPECT_THAT(at_a(), ElementsAre("2"));
    objects.dead["2"] = {0};
    EXPECT_THAT(at_a(), IsEmpty());
}

TEST_F(Plan, WeightsAreSharesOfGroupsNotOfTargets) {
    balancer().listeners = {a_listener("TCP", 8081, {{"g", 90}, {"h", 10}, {"none", 5}, {"zero", 0}})};
    objects.groups["h"] = a_group("h");
    objects.groups["zero"] = a_group("zero");
    group("g").targets = {
        target("1", "a", healthy), target("2", "a", healthy), target("3", "a", healthy)
    };
    group("h").targets = {target("8", "a", healthy), target("9", "a", healthy)};
    group("zero").targets = {target("0", "a", healthy)};
    EXPECT_THAT(at_a(), ElementsAre("1*6", "2*6", "3*6", "8", "9"));
    // All of one group's: the other's share goes there.
    group("g").targets.clear();
    EXPECT_THAT(at_a(), ElementsAre("8", "9"));
    balancer().listeners = {a_listener("TCP", 8081, {{"h", 0}})};
    EXPECT_THAT(at_a(), IsEmpty());
}

TEST_F(Plan, SharesOfLargeGroupsStayNearTheirWeightsAndBounded) {
    balancer().listeners = {a_listener("TCP", 8081, {{"g", 999}, {"h", 1}})};
    objects.groups["h"] = a_group("h");
    for (int i = 0; i < 997; ++i)
        group("g").targets.push_back(target("g" + std::to_string(i), "a", healthy));
    for (int i = 0; i < 991; ++i)
        group("h").targets.push_back(target("h" + std::to_string(i), "a", healthy));
    std::int64_t g = 0, h = 0;
    const auto all = flows();
    for (const auto& one : all.addresses[0].listeners[0].targets)
        (one.address[0] == 'g' ? g : h) += one.weight;
    EXPECT_GT(h, 0);
    EXPECT_LE(g + h, 1'100'000);
    EXPECT_NEAR(double(g) / double(h), 999, 50);
}

TEST_F(Plan, ProtocolsAsTheKernelNamesThem) {
    balancer().listeners = {
        a_listener("UDP", 53, {{"g", 1}}), a_listener("TCP_UDP", 54, {{"g", 1}}),
        a_listener("TLS", 443, {{"g", 1}})
    };
    group().targets = {target("1", "a", healthy)};
    const auto listeners = flows().addresses[0].listeners;
    ASSERT_EQ(listeners.size(), 4u);
    EXPECT_EQ(listeners[0].protocol, "udp");
    EXPECT_EQ(listeners[1].protocol, "tcp");
    EXPECT_EQ(listeners[2].protocol, "udp");
    EXPECT_EQ(listeners[1].port, 54);
    EXPECT_EQ(listeners[2].port, 54);
    EXPECT_THAT(ends(listeners[2]), ElementsAre("1"));
    // Not built: refused at once.
    EXPECT_EQ(listeners[3].port, 443);
    EXPECT_THAT(ends(listeners[3]), IsEmpty());
}

TEST_F(Plan, ClientAddressesAreKeptAsTheGroupSays) {
    EXPECT_FALSE(flows().addresses[0].listeners[0].preserve_client);
    group().attributes["preserve_client_ip.enabled"] = "true";
    EXPECT_TRUE(flows().addresses[0].listeners[0].preserve_client);
    EXPECT_TRUE(flows().hosts[0].listeners[0].preserve_client);
    group().attributes["preserve_client_ip.enabled"] = "false";
    EXPECT_FALSE(flows().addresses[0].listeners[0].preserve_client);
}

TEST_F(Plan, ListenersOfApplicationBalancersLeadToTheirEntrance) {
    balancer().type = "application";
    balancer().listeners = {a_listener("HTTP", 80, {{"g", 1}}), a_listener("HTTPS", 443, {{"g", 1}})};
    group().protocol = "HTTP";
    group().targets = {target("1", "a", healthy)};
    entrances = {{"other", "l-80", "169.254.0.9", 1}, {"lb", "l-80", "169.254.171.3", 7001}};
    const auto listeners = flows().addresses[1].listeners;
    EXPECT_EQ(listeners[0].local_address, "169.254.171.3");
    EXPECT_EQ(listeners[0].local_port, 7001);
    EXPECT_THAT(ends(listeners[0]), IsEmpty());
    EXPECT_EQ(listeners[1].local_port, 0);
    EXPECT_THAT(ends(listeners[1]), IsEmpty());
}

TEST_F(Plan, AnAddressWhoseInterfaceIsNotKnownIsLeftOut) {
    const std::map<std::string, std::string> enis{{"eni-a", "10.0.0.99"}, {"eni-b", "10.0.1.1"}};
    const auto some = balancer_flows(objects, entrances, enis);
    ASSERT_EQ(some.addresses.size(), 1u);
    EXPECT_EQ(some.addresses[0].eni, "eni-b");
    EXPECT_EQ(some.hosts.size(), 1u);
    EXPECT_TRUE(balancer_flows(objects, entrances, {}).hosts.empty());
}

TEST_F(Plan, TheNameHasTheZonesWithALiveTarget) {
    EXPECT_THAT(name(), ElementsAre("10.0.0.1", "10.0.1.1"));
    group().targets = {target("1", "a", healthy), target("2", "b", unhealthy)};
    EXPECT_THAT(name(), ElementsAre("10.0.0.1"));
    objects.dead["1"] = {0};
    EXPECT_THAT(name(), ElementsAre("10.0.0.1", "10.0.1.1"));
    objects.dead.clear();
    balancer().attributes["load_balancing.cross_zone.enabled"] = "true";
    EXPECT_THAT(name(), ElementsAre("10.0.0.1", "10.0.1.1"));
    EXPECT_EQ(balancer_names(objects).host.at("front.elb.gantry.internal"), "127.64.0.1");
}

TEST_F(Plan, AZoneMustServeEveryGroupThatLivesAnywhere) {
    balancer().listeners.push_back(a_listener("TCP", 443, {{"h", 1}}));
    objects.groups["h"] = a_group("h");
    group("g").targets = {target("1", "a", healthy), target("2", "b", healthy)};
    EXPECT_THAT(name(), ElementsAre("10.0.0.1", "10.0.1.1"));
    group("h").targets = {target("3", "b", healthy)};
    EXPECT_THAT(name(), ElementsAre("10.0.1.1"));
    group("g").targets = {target("1", "a", healthy)};
    EXPECT_THAT(name(), ElementsAre("10.0.0.1", "10.0.1.1"));
}

TEST_F(Plan, TheProxyGetsWhoServesAndWhoDrains) {
    balancer().type = "application";
    balancer().listeners[0].rules.push_back({10, {}, {.type = "forward", .groups = {{"h", 3}}}});
    objects.groups["h"] = a_group("h");
    objects.groups["unused"] = a_group("unused");
    group("g").protocol = "HTTP";
    group("g").targets = {
        target("1", "a", healthy), target("2", "b", initial), target("3", "b", draining),
        target("4", "a", healthy), target("5", "a", draining)
    };
    objects.dead["4"] = {0};
    objects.dead["5"] = {80};
    group("h").targets = {target("7", "b", unhealthy)};
    const auto state = http_state(objects);
    ASSERT_EQ(state.balancers.size(), 1u);
    ASSERT_EQ(state.pools.size(), 2u);
    EXPECT_EQ(state.pools[0].group, "g");
    EXPECT_THAT(
        state.pools[0].servers, ElementsAre(port::HttpServer{"1", 80, false}, port::HttpServer{"3", 80, true})
    );
    EXPECT_THAT(state.pools[1].servers, ElementsAre(port::HttpServer{"7", 80, false}));
    balancer().type = "network";
    EXPECT_EQ(http_state(objects), port::HttpBalancerState{});
}

}  // namespace
}  // namespace gantry::worker
