#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "port/network.h"
#include "sim/faults.h"

namespace gantry::sim {

// Interfaces that carry nothing. It outlives its callers, as the kernel does.
class Network : public port::Network {
  public:
    explicit Network(Faults& faults) : faults_(faults) {}

    const std::map<std::string, port::FoundEni>& attached() const { return attached_; }
    const port::NetworkState& policy() const { return policy_; }
    // The machine was restarted.
    void lose_everything() { attached_.clear(); }
    // Called before an interface goes: a simulator checks here that nothing uses it any more.
    std::function<void(const std::string& eni)> on_detach;
    // Open balanced flows by target, "172.31.0.5:80/tcp"; reset_flows() ends them.
    std::map<std::string, int> flows;
    std::vector<std::string> resets;  // in order
    // What the next reading of traffic() tells.
    std::vector<port::EntranceTraffic> carried;

    Async<> ensure_router() override;
    Async<port::Attached> attach(port::EniSpec spec) override;
    Async<> detach(std::string eni_id) override;
    Async<std::vector<port::FoundEni>> list() override;
    Async<port::EniUsage> usage(std::string eni_id) override;
    Async<port::Applied> apply(port::NetworkState state) override;
    // There are no sockets: `unavailable`.
    Async<port::Descriptor> listen_tcp(std::string address, std::uint16_t port) override;
    Async<port::Descriptor> listen_udp(std::string address, std::uint16_t port) override;
    Async<std::vector<int>> balanced_flows(std::vector<port::FlowEnd> targets) override;
    Async<std::vector<port::EntranceTraffic>> traffic() override;
    Async<> reset_flows(port::FlowEnd target) override;
    Async<port::Descriptor> socket_from(std::string balancer_address) override;
    Async<> teardown() override;

  private:
    Faults& faults_;
    std::map<std::string, port::FoundEni> attached_;
    port::NetworkState policy_;
};

}  // namespace gantry::sim
