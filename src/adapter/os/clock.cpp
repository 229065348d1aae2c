#include "adapter/os/clock.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace gantry::adapter::os {
namespace asio = boost::asio;

RealInstant Clock::now() const {
    return {std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()).count()
    };
}

port::SteadyInstant Clock::steady_now() const {
    return {std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()).count()
    };
}

asio::awaitable<Result<void>> Clock::sleep_until(port::SteadyInstant at) {
    asio::steady_timer timer(
        co_await asio::this_coro::executor, std::chrono::steady_clock::time_point(Duration{at.ms})
    );
    const auto [failed] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (failed) co_return trouble(Errc::cancelled, "the sleeper was cancelled");
    co_return Result<void>{};
}

}  // namespace gantry::adapter::os
