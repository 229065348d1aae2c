#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "link/usage.h"
#include "port/container.h"
#include "port/network_state.h"

namespace gantry::worker {

// Turns counters of tasks into what they used between two readings. Pure bookkeeping.
class UsageMeter {
  public:
    // Forgets all other tasks.
    void keep(const std::vector<std::string>& tasks);
    // Nothing at a task's first reading, nor when its counters began anew or no time has passed. interface: of the task's, if
    // it could be read.
    std::optional<link::TaskUsage> read(
        const std::string& task, const port::Stats& stats, const port::EniUsage& interface = {}
    );
    // Sequences of what is sent.
    std::uint64_t next() { return ++sequence_; }

  private:
    struct Reading {
        RealInstant at;
        std::uint64_t cpu_ns = 0;
        std::uint64_t received_bytes = 0, sent_bytes = 0, read_bytes = 0, written_bytes = 0;
    };
    std::map<std::string, Reading> readings_;
    std::uint64_t sequence_ = 0;
};

}  // namespace gantry::worker
