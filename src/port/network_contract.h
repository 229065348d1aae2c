#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "port/network.h"

// What every port::Network shows without packets: run on the pretend network and on the real one.
//
//   struct Mine { std::unique_ptr<port::Network> make(); };   // each call stands for a new process of the
//   same installation INSTANTIATE_TYPED_TEST_SUITE_P(Mine, NetworkContract, Mine);
namespace gantry::port {

template <class Maker>
class NetworkContract : public ::testing::Test {
  protected:
    NetworkContract() : network_(maker_.make()) {}
    ~NetworkContract() override { EXPECT_TRUE(wait(network_->teardown()).has_value()); }

    template <class T>
    static Result<T> wait(boost::asio::awaitable<Result<T>> call) {
        boost::asio::io_context context;
        std::optional<Result<T>> result;
        boost::asio::co_spawn(context, keep(std::move(call), result), boost::asio::detached);
        context.run();
        return std::move(*result);
    }

    void restart() {
        network_.reset();
        network_ = maker_.make();
    }

    Result<Attached> attach(const std::string& id, const std::string& address) {
        return wait(network_->attach({.id = id, .address = address, .mac = "02:00:00:00:00:01"}));
    }

    Errc refused(const NetworkState& state) {
        auto applied = wait(network_->apply(state));
        return applied ? Errc::unknown : applied.error().errc;
    }

    Maker maker_;
    std::unique_ptr<Network> network_;

  private:
    template <class T>
    static boost::asio::awaitable<void> keep(
        boost::asio::awaitable<Result<T>> call, std::optional<Result<T>>& into
    ) {
        into = co_await std::move(call);
    }
};

TYPED_TEST_SUITE_P(NetworkContract);

TYPED_TEST_P(NetworkContract, AttachIsIdempotentAndAddressesAreLiveOnce) {
    auto first = this->attach("eni-1", "172.31.0.10");
    ASSERT_TRUE(first.has_value()) << first.error().message;
    EXPECT_EQ(first->gateway, "169.254.1.1");
    EXPECT_EQ(this->attach("eni-1", "172.31.0.10"), first);
    EXPECT_EQ(this->attach("eni-1", "172.31.0.11").error().errc, Errc::conflict);
    EXPECT_EQ(this->attach("eni-2", "172.31.0.10").error().errc, Errc::conflict);
    EXPECT_EQ(this->attach("eni-3", "172.31.0.256").error().errc, Errc::invalid);
    EXPECT_EQ(this->attach("../eni", "172.31.0.12").error().errc, Errc::invalid);
    ASSERT_TRUE(this->wait(this->network_->detach("eni-1")).has_value());
    EXPECT_TRUE(this->wait(this->network_->detach("eni-1")).has_value());
    EXPECT_TRUE(this->attach("eni-2", "172.31.0.10").has_value()) << "free again";
}

TYPED_TEST_P(NetworkContract, WhatExistsIsFoundAfterARestart) {
    auto made = this->attach("eni-1", "172.31.0.10");
    ASSERT_TRUE(made.has_value()) << made.error().message;
    this->attach("eni-2", "172.31.0.11");
    this->restart();
    auto found = this->wait(this->network_->list());
    ASSERT_TRUE(found.has_value()) << found.error().message;
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ((*found)[0].id, "eni-1");
    EXPECT_EQ((*found)[0].address, "172.31.0.10");
    EXPECT_EQ((*found)[0].netns_path, made->netns_path);
    EXPECT_EQ(this->attach("eni-1", "172.31.0.10"), made);
    ASSERT_TRUE(this->wait(this->network_->detach("eni-2")).has_value());
    EXPECT_EQ(this->wait(this->network_->list())->size(), 1U);
    ASSERT_TRUE(this->wait(this->network_->teardown()).has_value());
    EXPECT_TRUE(this->wait(this->network_->list())->empty());
}

TYPED_TEST_P(NetworkContract, NonsenseIsInvalid) {
    NetworkState good{
        {{"vpc-1", {"172.31.0.0/16"}}}, {{"sg-1", {}, {}}}, {{"eni-1", "172.31.0.10", "vpc-1", {"sg-1"}}}
    };
    ASSERT_TRUE(this->wait(this->network_->apply(good)).has_value());
    ASSERT_TRUE(this->wait(this->network_->apply(good)).has_value()) << "again";
    auto bad = good;
    bad.enis[0].vpc = "vpc-2";
    EXPECT_EQ(this->refused(bad), Errc::invalid);
    bad = good;
    bad.enis[0].groups = {"sg-2"};
    EXPECT_EQ(this->refused(bad), Errc::invalid);
    bad = good;
    bad.enis.push_back({"eni-2", "172.31.0.10", "vpc-1", {}});
    EXPECT_EQ(this->refused(bad), Errc::invalid) << "an address twice";
    bad = good;
    bad.groups[0].ingress = {{.protocol = "tcp", .from = 2, .to = 1, .cidr = "0.0.0.0/0"}};
    EXPECT_EQ(this->refused(bad), Errc::invalid);
    bad.groups[0].ingress = {{.protocol = "tcp", .from = 1, .to = 2}};
    EXPECT_EQ(this->refused(bad), Errc::invalid) << "no peer";
    bad.groups[0].ingress = {{.protocol = "tcp", .from = 1, .to = 2, .cidr = "::/0"}};
    EXPECT_TRUE(this->wait(this->network_->apply(bad)).has_value()) << "IPv6 never matches, and is no error";
}

TYPED_TEST_P(NetworkContract, UsageAndServices) {
    EXPECT_EQ(this->wait(this->network_->usage("eni-1")).error().errc, Errc::not_found);
    this->attach("eni-1", "172.31.0.10");
    EXPECT_TRUE(this->wait(this->network_->usage("eni-1")).has_value());
    auto socket = this->wait(this->network_->listen_tcp(metadata_address, 80));
    ASSERT_TRUE(socket.has_value()) << socket.error().message;
    EXPECT_TRUE(static_cast<bool>(*socket));
    EXPECT_EQ(this->wait(this->network_->listen_tcp(metadata_address, 80)).error().errc, Errc::conflict);
    EXPECT_EQ(this->wait(this->network_->listen_tcp("10.0.0.1", 80)).error().errc, Errc::invalid);
}

REGISTER_TYPED_TEST_SUITE_P(
    NetworkContract,
    AttachIsIdempotentAndAddressesAreLiveOnce,
    WhatExistsIsFoundAfterARestart,
    NonsenseIsInvalid,
    UsageAndServices
);

}  // namespace gantry::port
