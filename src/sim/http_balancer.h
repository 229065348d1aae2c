#pragma once

#include <map>
#include <string>

#include "port/http_balancer.h"
#include "sim/faults.h"

namespace gantry::sim {

// A proxy without requests: what it was told last. It outlives its callers, as HAProxy does.
class HttpBalancer : public port::HttpBalancer {
  public:
    // sessions: open ones by target, "172.31.0.5:80/tcp", whoever counts them; shut() ends them.
    HttpBalancer(Faults& faults, std::map<std::string, int>& sessions) : faults_(faults), sessions_(sessions) {}

    const port::HttpBalancerState& state() const { return state_; }

    Async<std::vector<port::HttpEntrance>> apply(port::HttpBalancerState state) override;
    Async<std::vector<port::HttpServerUse>> use() override;
    // There are no requests.
    Async<port::HttpTraffic> traffic() override;
    Async<> shut(std::string group, std::string address, std::uint16_t port) override;
    Async<> teardown() override;

  private:
    Faults& faults_;
    std::map<std::string, int>& sessions_;
    port::HttpBalancerState state_;
};

}  // namespace gantry::sim
