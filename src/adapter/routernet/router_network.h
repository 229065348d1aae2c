#pragma once

#include <memory>

#include "adapter/routernet/options.h"
#include "port/network.h"

namespace gantry::adapter::routernet {

class Router;

// port::Network by the kernel. Blocking work runs on one thread of its own, which lives in the router
// namespace; the caller's coroutine resumes on its own executor. A call that has begun runs to its end,
// whoever waits for it. The destructor waits for the work in hand and leaves everything in the world as it
// is.
class RouterNetwork final : public port::Network {
  public:
    explicit RouterNetwork(Options options);
    ~RouterNetwork() override;

    Async<> ensure_router() override;
    Async<port::Attached> attach(port::EniSpec spec) override;
    Async<> detach(std::string eni_id) override;
    Async<std::vector<port::FoundEni>> list() override;
    Async<port::EniUsage> usage(std::string eni_id) override;
    Async<port::Applied> apply(port::NetworkState state) override;
    Async<port::Descriptor> listen_tcp(std::string address, std::uint16_t port) override;
    Async<port::Descriptor> listen_udp(std::string address, std::uint16_t port) override;
    Async<std::vector<int>> balanced_flows(std::vector<port::FlowEnd> targets) override;
    Async<std::vector<port::EntranceTraffic>> traffic() override;
    Async<> reset_flows(port::FlowEnd target) override;
    Async<port::Descriptor> socket_from(std::string balancer_address) override;
    Async<> teardown() override;

  private:
    struct Work;
    std::unique_ptr<Work> work_;
};

}  // namespace gantry::adapter::routernet
