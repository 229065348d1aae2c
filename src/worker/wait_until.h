#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "base/event.h"
#include "port/clock.h"

namespace gantry::worker {

// Until the event is set or, if given, `at` has come. False when the waiter was cancelled.
boost::asio::awaitable<bool> wait_until(Event& event, port::Clock& clock, std::optional<RealInstant> at);

}  // namespace gantry::worker
