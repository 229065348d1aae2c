#pragma once

#include <functional>
#include <map>
#include <string>

#include "port/prober.h"
#include "sim/faults.h"
#include "sim/network.h"
#include "sim/runtime.h"

namespace gantry::sim {

// Asks pretended targets: one answers while a container of the task whose interface has the address runs,
// unless a script says otherwise.
class Prober : public port::Prober {
  public:
    // task_of: the task that an interface belongs to.
    Prober(
        Faults& faults,
        const Network& network,
        const Runtime& runtime,
        std::function<std::string(const std::string& eni)> task_of
    )
        : faults_(faults), network_(network), runtime_(runtime), task_of_(std::move(task_of)) {}

    // What a target answers whatever runs; by address.
    std::map<std::string, port::Probed> scripted;
    Duration takes{2};
    // Whether a target on another machine answers; unset: there is none.
    std::function<bool(const std::string& address)> elsewhere;
    std::map<std::string, int> probes;  // made, by address

    // Whether somebody on this machine answers at the address, script or not.
    bool here(const std::string& address) const;

    boost::asio::awaitable<port::Probed> probe(port::Probe probe) override;

  private:
    port::Probed answer(const port::Probe& probe) const;

    Faults& faults_;
    const Network& network_;
    const Runtime& runtime_;
    std::function<std::string(const std::string& eni)> task_of_;
};

}  // namespace gantry::sim
