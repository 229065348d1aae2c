#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "base/event.h"
#include "control/loop.h"

namespace gantry::control {

// Waits for moments of policy time, however the clock is bent meanwhile. For one coroutine on the loop's strand.
class PolicyTimer {
  public:
    // Before loop.start().
    explicit PolicyTimer(Loop& loop);
    ~PolicyTimer();
    PolicyTimer(const PolicyTimer&) = delete;
    PolicyTimer& operator=(const PolicyTimer&) = delete;

    // Until that moment has come; cancelled when the waiter was.
    boost::asio::awaitable<Result<void>> wait_until(PolicyInstant at);

  private:
    Loop& loop_;
    // Its subscription outlives it.
    std::shared_ptr<Event> bent_;
};

}  // namespace gantry::control
