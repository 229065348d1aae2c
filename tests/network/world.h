#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "adapter/routernet/router_network.h"
#include "network/traffic.h"

namespace gantry::network_test {

// A worker's network in the box, built by the real adapter; the box itself is the host. Torn down at the end.
class World : public ::testing::Test {
  protected:
    explicit World(unsigned number = 0);
    ~World() override;

    // Runs a port call to its end.
    template <class T>
    static Result<T> wait(boost::asio::awaitable<Result<T>> call);

    void start();  // (again), as a new process would
    port::Attached attach(const std::string& id, const std::string& address);
    // Like attach, and names it in the state, in vpc-a and these groups.
    std::string task(const std::string& id, const std::string& address, std::vector<std::string> groups);
    port::Applied apply();
    port::GroupState& group(const std::string& id);
    port::EniState& eni(const std::string& id);

    adapter::routernet::Options options_;
    std::unique_ptr<adapter::routernet::RouterNetwork> network_;
    port::NetworkState state_;
};

port::GroupRule rule(std::string protocol, int from, int to, std::string peer);
port::GroupRule everything(std::string peer = "0.0.0.0/0");

}  // namespace gantry::network_test
