#pragma once

#include <string>
#include <vector>

#include "port/network_contract.h"

namespace gantry::port {

// What every port::Network shows of load balancers without packets, the pretended one too.
template <class Maker>
class BalancedNetworkContract : public NetworkContract<Maker> {};

TYPED_TEST_SUITE_P(BalancedNetworkContract);

inline NetworkState balanced_network() {
    NetworkState state;
    state.vpcs = {{"vpc-1", {"172.31.0.0/16"}}};
    state.enis = {{"eni-lb", "172.31.9.1", "vpc-1", {}}, {"eni-1", "172.31.0.10", "vpc-1", {}}};
    state.balancers = {{"lb-1", "eni-lb", "172.31.9.1", {{"tcp", 80, {{"172.31.0.10", 8080}}}}}};
    state.host_balancers = {{"lb-1", "127.64.0.1", true, {{"tcp", 80, {{"172.31.0.10", 8080}}}}}};
    return state;
}

TYPED_TEST_P(BalancedNetworkContract, AppliesChangesAndRemoves) {
    auto state = balanced_network();
    for (int i = 0; i < 2; ++i) {
        auto applied = this->wait(this->network_->apply(state));
        ASSERT_TRUE(applied.has_value()) << applied.error().message;
        EXPECT_TRUE(applied->localhost_taken.empty());
    }
    state.balancers[0].listeners[0].targets.push_back({"172.31.0.11", 8080, 3});
    state.host_balancers[0].listeners.clear();
    EXPECT_TRUE(this->wait(this->network_->apply(state)).has_value());
    this->restart();
    EXPECT_TRUE(this->wait(this->network_->apply(state)).has_value());
    state.balancers.clear();
    state.host_balancers.clear();
    EXPECT_TRUE(this->wait(this->network_->apply(state)).has_value());
}

TYPED_TEST_P(BalancedNetworkContract, OnePortOfLocalhostHasOneBalancer) {
    auto state = balanced_network();
    state.enis.push_back({"eni-lb2", "172.31.9.2", "vpc-1", {}});
    state.balancers.push_back({"lb-2", "eni-lb2", "172.31.9.2", {}});
    state.host_balancers.push_back({"lb-2", "127.64.0.2", true, {{"tcp", 80}, {"udp", 80}}});
    auto applied = this->wait(this->network_->apply(state));
    ASSERT_TRUE(applied.has_value()) << applied.error().message;
    ASSERT_EQ(applied->localhost_taken.size(), 1U);
    EXPECT_EQ(applied->localhost_taken[0].balancer, "lb-2");
    EXPECT_EQ(applied->localhost_taken[0].protocol, "tcp");
    EXPECT_NE(applied->localhost_taken[0].reason.find("lb-1"), std::string::npos);
}

TYPED_TEST_P(BalancedNetworkContract, FlowsAreAnsweredInTheOrderOfTheQuestion) {
    EXPECT_TRUE(this->wait(this->network_->balanced_flows({}))->empty());
    ASSERT_TRUE(this->wait(this->network_->apply(balanced_network())).has_value());
    auto counts = this->wait(
        this->network_->balanced_flows({{"172.31.0.10", 8080, "tcp"}, {"172.31.0.99", 53, "udp"}})
    );
    ASSERT_TRUE(counts.has_value()) << counts.error().message;
    EXPECT_EQ(*counts, (std::vector<int>{0, 0}));
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(this->wait(this->network_->reset_flows({"172.31.0.10", 8080, "tcp"})).has_value());
    }
}

TYPED_TEST_P(BalancedNetworkContract, SocketsAreOnlyForBalancersThatAreApplied) {
    EXPECT_EQ(this->wait(this->network_->socket_from("172.31.9.1")).error().errc, Errc::not_found);
    ASSERT_TRUE(this->wait(this->network_->apply(balanced_network())).has_value());
    EXPECT_EQ(this->wait(this->network_->socket_from("172.31.0.10")).error().errc, Errc::not_found);
    auto made = this->wait(this->network_->socket_from("172.31.9.1"));
    EXPECT_TRUE(made || made.error().errc == Errc::unavailable) << "a pretended world has no sockets";
    EXPECT_TRUE(!made || *made) << "not an empty one";
}

REGISTER_TYPED_TEST_SUITE_P(
    BalancedNetworkContract,
    AppliesChangesAndRemoves,
    OnePortOfLocalhostHasOneBalancer,
    FlowsAreAnsweredInTheOrderOfTheQuestion,
    SocketsAreOnlyForBalancersThatAreApplied
);

}  // namespace gantry::port
