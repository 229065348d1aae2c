#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "adapter/routernet/ipv4.h"
#include "adapter/routernet/options.h"
#include "base/result.h"
#include "port/descriptor.h"
#include "port/network_state.h"

namespace gantry::adapter::routernet {

// A protocol and a port of the host's 127.0.0.1.
using LocalPort = std::pair<std::string, std::uint16_t>;

struct LocalWish {
    std::string balancer;
    std::string host_address;  // where flows to the port go
};

// Who gets a port that several balancers want: who has it already, else the first by id. Pure.
std::map<LocalPort, LocalWish> choose_local_ports(
    const std::vector<port::HostBalancerState>& wanted, const std::map<LocalPort, std::string>& owners
);

// The ports and addresses of the host at which programs there find load balancers: one nft table of our own
// and a setting on our own link, while there is a balancer for the host. Routes to the addresses are
// set_host_routes()' business. Belongs to the router's thread.
class HostBalancing {
  public:
    explicit HostBalancing(const Options& options) : options_(options) {}

    // Level-triggered. Runs in the host's namespace. The ports that could not be had, in the order of the
    // state. look: at whether the table is still there; others may flush all that the host has.
    Result<std::vector<port::LocalhostPort>> ensure(
        const std::vector<port::HostBalancerState>& wanted, bool look
    );

    Result<> remove();

  private:
    Result<> adopt();
    void reserve(const std::map<LocalPort, LocalWish>& chosen);
    Result<> load(const std::map<LocalPort, LocalWish>& chosen);
    std::string table() const { return "ip " + options_.host_table + "_lb"; }

    const Options& options_;
    bool adopted_ = false;
    std::string loaded_;  // the table's text; empty: not there, or not known
    // Bound and never listening: nobody else can have the port meanwhile.
    std::map<LocalPort, port::Descriptor> reserved_;
    std::map<LocalPort, std::string> owners_;  // host address
};

}  // namespace gantry::adapter::routernet
