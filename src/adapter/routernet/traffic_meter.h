#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "port/network_state.h"

namespace gantry::adapter::routernet {

struct PacketCounter {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
};
using PacketCounters = std::map<std::string, PacketCounter>;  // by element: "10.0.0.1 . tcp . 80"

// From what `nft list set` prints of a set whose elements count. What cannot be read is not in it.
PacketCounters set_counters(const std::string& listing);

// Turns the kernel's counters into what was carried between two readings. Pure bookkeeping.
class TrafficMeter {
  public:
    struct Reading {
        PacketCounters flows;                         // by address, protocol and port
        PacketCounters bytes;                         // by address and protocol
        PacketCounters target_resets, client_resets;  // by address
    };
    // The first reading gives zeros. An element that is new since, or whose counter was set back, counts as it is.
    std::vector<port::EntranceTraffic> read(Reading now);

  private:
    Reading before_;
    bool any_ = false;
};

}  // namespace gantry::adapter::routernet
