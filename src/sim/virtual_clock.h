#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <utility>

#include "port/clock.h"

namespace gantry {
class Event;
}

namespace gantry::sim {

// Time moves only in step() and advance(): to the next sleeper, never past it. Sleepers of one instant wake
// in the order in which they went to sleep.
class VirtualClock : public port::Clock {
  public:
    explicit VirtualClock(boost::asio::io_context& context) : context_(context) {}

    RealInstant now() const override { return {kEpochMs + wall_offset_ms_ + elapsed_.count()}; }
    port::SteadyInstant steady_now() const override { return {elapsed_.count()}; }
    boost::asio::awaitable<Result<void>> sleep_until(port::SteadyInstant at) override;
    using port::Clock::sleep_until;

    // Runs what is ready, until nothing is.
    void settle();
    // Wakes the earliest sleepers and settles. False when nobody sleeps, or only past `limit`.
    bool step(port::SteadyInstant limit);
    // Settles, then lets that much time pass, waking all who are due on the way.
    void advance(Duration duration);
    // Somebody sets the wall clock.
    void set_wall_by(Duration jump) { wall_offset_ms_ += jump.count(); }

  private:
    static constexpr std::int64_t kEpochMs = 1'800'000'000'000;

    boost::asio::io_context& context_;
    Duration elapsed_{0};
    std::int64_t wall_offset_ms_ = 0;
    std::uint64_t next_id_ = 0;
    std::map<std::pair<port::SteadyInstant, std::uint64_t>, Event*> sleepers_;
};

}  // namespace gantry::sim
