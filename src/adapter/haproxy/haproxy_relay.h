#pragma once

#include <memory>

#include "adapter/haproxy/options.h"
#include "port/relay.h"

namespace gantry::adapter::haproxy {

// port::Relay by an HAProxy of its own in the host's namespace. Blocking work runs on one thread of its own.
class HaproxyRelay final : public port::Relay {
  public:
    explicit HaproxyRelay(Options options);
    ~HaproxyRelay() override;

    Async<std::vector<port::RelayRefusal>> apply(std::vector<port::RelayEntrance> entrances) override;
    Async<> teardown() override;

  private:
    struct Work;
    std::unique_ptr<Work> work_;
};

}  // namespace gantry::adapter::haproxy
