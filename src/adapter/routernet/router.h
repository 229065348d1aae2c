#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapter/routernet/host_balancing.h"
#include "adapter/routernet/host_side.h"
#include "adapter/routernet/namespace_files.h"
#include "adapter/routernet/nft.h"
#include "adapter/routernet/options.h"
#include "adapter/routernet/outside.h"
#include "adapter/routernet/rtnetlink.h"
#include "adapter/routernet/ruleset.h"
#include "adapter/routernet/traffic_meter.h"
#include "port/network_state.h"

namespace gantry::adapter::routernet {

// The router namespace and all that hangs on it. Blocking; belongs to one thread, which lives in the router
// namespace from the first call on. What port::Network promises of its methods holds here.
class Router {
  public:
    explicit Router(Options options);

    Result<> ensure();
    Result<port::Attached> attach(const port::EniSpec& spec);
    Result<> detach(const std::string& eni_id);
    Result<std::vector<port::FoundEni>> list();
    Result<port::EniUsage> usage(const std::string& eni_id);
    Result<port::Applied> apply(const port::NetworkState& state);
    Result<port::Descriptor> listen(const std::string& address, std::uint16_t port, bool tcp);
    Result<std::vector<int>> balanced_flows(const std::vector<port::FlowEnd>& targets);
    Result<std::vector<port::EntranceTraffic>> traffic();
    Result<> reset_flows(const port::FlowEnd& target);
    Result<port::Descriptor> socket_from(const std::string& balancer_address);
    Result<> teardown();

  private:
    // Handles of an existing router.
    struct Open {
        port::Descriptor router_netns;
        Rtnetlink host, router;
        int host_link = 0, loopback = 0;
        Mac gateway_mac{};
    };

    Result<> ensure_namespaces();
    Result<> ensure_host_link();
    Result<> ensure_table();
    Result<port::Attached> build(const port::EniSpec& spec, Ipv4 address, const Mac& mac);
    Result<Rtnetlink> configure_inside(const port::Descriptor& netns, Ipv4 address);
    Result<> replace(const Ruleset& wanted);
    Result<> load(Ruleset wanted);
    Result<> hold_addresses(const std::set<Ipv4>& wanted);
    Result<> drop_addresses(const std::set<Ipv4>& wanted);
    Result<> reach_from_host(const port::NetworkState& state);
    Result<> add_service(const Service& service);

    Options options_;
    NamespaceFiles files_;
    port::Descriptor host_netns_;
    std::optional<Open> open_;
    Outside outside_;
    Nft nft_;
    std::optional<Ruleset>
        loaded_;  // what the kernel has; nothing: not known, the next load replaces the whole
    std::map<std::string, Ipv4> attached_;
    // Detached lately: the kernel removes the link in the background, and until then it is no leftover.
    std::map<std::string, std::chrono::steady_clock::time_point> leaving_;
    std::set<Service> services_;
    std::optional<port::NetworkState> applied_state_;  // what loaded_ was made of; nothing: not known
    std::string outside_link_;
    std::optional<std::set<Ipv4>> held_addresses_;  // balancers' addresses on loopback; nothing: not known
    HostBalancing host_balancing_;
    TrafficMeter traffic_;
    std::vector<port::LocalhostPort> localhost_taken_;
    std::vector<port::VpcState> routed_vpcs_;
    std::set<Ipv4> routed_balancers_;
    std::vector<port::HostRoute> host_routes_;
    std::chrono::steady_clock::time_point routes_looked_{};
};

}  // namespace gantry::adapter::routernet
