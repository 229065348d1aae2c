#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapter/haproxy/configuration.h"
#include "adapter/haproxy/process.h"
#include "adapter/haproxy/traffic_ledger.h"

namespace gantry::adapter::haproxy {

// The blocking half of HaproxyBalancer: what each call of the port does, step by step.
class Proxy {
  public:
    explicit Proxy(Options options);

    Result<std::vector<port::HttpEntrance>> apply(port::HttpBalancerState state);
    Result<std::vector<port::HttpServerUse>> use();
    Result<port::HttpTraffic> traffic();  // proxy_traffic.cpp
    Result<> shut(const std::string& group, const std::string& address, std::uint16_t port);
    Result<> teardown();

  private:
    Result<> prepare();
    Result<> write_files(const Configuration& configuration);
    Result<> bring_up(const Configuration& configuration);
    // What a running worker must be told so that it has these servers and weights.
    Result<> synchronize(const Configuration& configuration);
    std::vector<port::HttpEntrance> entrances() const;

    Options options_;
    Process process_;
    Limits limits_;
    bool prepared_ = false;
    port::HttpBalancerState state_;
    Assignment assignment_;
    // What the running worker was last told; absent: not known.
    std::optional<Configuration> told_;
    Files written_;
    TrafficLedger ledger_;
};

}  // namespace gantry::adapter::haproxy
