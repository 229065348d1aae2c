#pragma once

#include <chrono>
#include <string>

#include "adapter/routernet/options.h"
#include "adapter/routernet/rtnetlink.h"
#include "base/result.h"
#include "port/descriptor.h"
#include "port/network_state.h"

namespace gantry::adapter::routernet {

// The way from the router to addresses outside every VPC: the kernel's forwarding where the host forwards
// already and has no firewall that could forbid it, else pasta (a user-space TCP/IP stack whose sockets live
// on the host). Either way no address of the host itself can be reached: by a rule in the one table on the
// host that exists only meanwhile. Used on the router's thread, which is in the router namespace.
class Outside {
  public:
    Outside(const Options& options, std::string router_file)
        : options_(options), router_file_(std::move(router_file)) {}

    struct Way {
        port::OutsideAccess access = port::OutsideAccess::unused;
        std::string link;    // of the router; empty when there is no way
        std::string reason;  // of `unavailable`
    };

    // Level-triggered: starts, heals or removes. Looks at the world at most every few seconds. Never fails:
    // it says `unavailable`.
    Way ensure(
        bool wanted,
        const port::Descriptor& host_netns,
        Rtnetlink& router,
        const port::Descriptor& router_netns
    );

    // Ends pasta and removes the host's table.
    Result<> remove(const port::Descriptor& host_netns, const port::Descriptor& router_netns);

  private:
    Result<Way> make(const port::Descriptor& host, Rtnetlink& router, const port::Descriptor& router_netns);
    Result<> use_kernel(Rtnetlink& router);
    Result<> use_pasta(const port::Descriptor& host, Rtnetlink& router, const port::Descriptor& router_netns);
    Result<bool> host_forwards() const;
    Result<> ensure_table(const std::string& rules);
    pid_t find_pasta() const;
    std::string pid_file() const { return options_.directory + "/pasta.pid"; }

    Options options_;
    std::string router_file_;
    Way way_;
    std::string loaded_rules_;
    std::chrono::steady_clock::time_point looked_{};
};

}  // namespace gantry::adapter::routernet
