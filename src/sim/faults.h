#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "port/clock.h"
#include "sim/seeded_chance.h"

namespace gantry::sim {

// Of a thousand calls, how many go wrong in which way. All zero: a perfect world.
struct FaultRates {
    int fail_before = 0;  // unavailable, nothing happened
    int lose_answer = 0;  // it happened, and the caller is told `unknown`
    int slow = 0;         // takes up to slow_max
    Duration slow_max{3'000};
};

// The trouble that pretended ports share: drawn from one seed, in virtual time.
class Faults {
  public:
    Faults(port::Clock& clock, std::uint64_t seed) : clock_(clock), chance_(seed) {}

    FaultRates rates;

    // At the start of a call: may take time, may fail.
    boost::asio::awaitable<Result<void>> before(std::string what);
    // At its end, when it has happened.
    Result<void> after(const std::string& what);

    std::uint64_t draw() { return chance_.draw(); }
    bool hits(int of_a_thousand) {
        return of_a_thousand > 0 && static_cast<int>(draw() % 1'000) < of_a_thousand;
    }
    // (0, max]
    Duration some_time(Duration max) {
        return Duration{static_cast<std::int64_t>(draw() % static_cast<std::uint64_t>(max.count())) + 1};
    }
    port::Clock& clock() { return clock_; }

  private:
    port::Clock& clock_;
    SeededChance chance_;
};

}  // namespace gantry::sim
