#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>

#include "base/instant.h"
#include "base/result.h"

namespace gantry::port {

// Milliseconds since some start; never goes back, not comparable between processes.
using SteadyInstant = Instant<struct SteadyTag>;

// Real time. Policy time is computed from it by the control plane alone. Nobody else reads a clock or makes a
// timer: under simulation an hour passes in milliseconds.
class Clock {
  public:
    virtual ~Clock() = default;

    // The wall clock; may jump when somebody sets it.
    virtual RealInstant now() const = 0;
    virtual SteadyInstant steady_now() const = 0;

    // Resumes on the caller's executor. Errc::cancelled when the waiter was cancelled, nothing else.
    virtual boost::asio::awaitable<Result<void>> sleep_until(SteadyInstant at) = 0;

    boost::asio::awaitable<Result<void>> sleep_for(Duration duration) {
        co_return co_await sleep_until(steady_now() + duration);
    }

    // Notices within a minute when somebody sets the wall clock.
    boost::asio::awaitable<Result<void>> sleep_until(RealInstant at) {
        while (now() < at) {
            const Duration step = std::min<Duration>(at - now(), std::chrono::minutes(1));
            if (auto slept = co_await sleep_for(step); !slept) co_return slept;
        }
        co_return Result<void>{};
    }
};

}  // namespace gantry::port
