#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapter/haproxy/options.h"
#include "adapter/haproxy/process.h"
#include "port/relay.h"

namespace gantry::adapter::haproxy {

// The blocking half of HaproxyRelay.
class TcpProxy {
  public:
    explicit TcpProxy(Options options);

    Result<std::vector<port::RelayRefusal>> apply(std::vector<port::RelayEntrance> entrances);
    Result<> teardown();

  private:
    Options options_;
    Process process_;
    // What the running proxy serves, by the digest of its configuration.
    std::string served_digest_;
    std::vector<port::RelayEntrance> served_;
};

// Pure. `digest` stands in the text as the process's description.
std::string relay_configuration(
    const std::vector<port::RelayEntrance>& entrances, const Options& options, const std::string& digest
);

}  // namespace gantry::adapter::haproxy
