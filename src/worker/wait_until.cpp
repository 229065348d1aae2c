#include "worker/wait_until.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace gantry::worker {

boost::asio::awaitable<bool> wait_until(Event& event, port::Clock& clock, std::optional<RealInstant> at) {
    using namespace boost::asio::experimental::awaitable_operators;
    if (!at) {
        const auto woken = co_await event.wait();
        co_return woken.has_value();
    }
    const auto first = co_await (event.wait() || clock.sleep_until(*at));
    co_return std::visit([](const auto& done) { return done.has_value(); }, first);
}

}  // namespace gantry::worker
