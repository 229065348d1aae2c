#pragma once

#include <memory>

#include "adapter/haproxy/options.h"
#include "port/http_balancer.h"

namespace gantry::adapter::haproxy {

class Proxy;

// port::HttpBalancer by HAProxy. Blocking work runs on one thread of its own; the caller's coroutine resumes
// on its own executor. A call that has begun runs to its end, whoever waits for it. The destructor waits for
// the work in hand and leaves the proxy running.
class HaproxyBalancer final : public port::HttpBalancer {
  public:
    explicit HaproxyBalancer(Options options);
    ~HaproxyBalancer() override;

    Async<std::vector<port::HttpEntrance>> apply(port::HttpBalancerState state) override;
    Async<std::vector<port::HttpServerUse>> use() override;
    Async<port::HttpTraffic> traffic() override;
    Async<> shut(std::string group, std::string address, std::uint16_t port) override;
    Async<> teardown() override;

  private:
    struct Work;
    std::unique_ptr<Work> work_;
};

}  // namespace gantry::adapter::haproxy
