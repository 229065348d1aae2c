#include "sim/virtual_clock.h"

#include <boost/asio/this_coro.hpp>

#include "base/event.h"

namespace gantry::sim {

boost::asio::awaitable<Result<void>> VirtualClock::sleep_until(port::SteadyInstant at) {
    Event wake(co_await boost::asio::this_coro::executor);
    const auto id = std::pair{std::max(at, steady_now()), next_id_++};
    // Leaves the list also when the coroutine is destroyed in its sleep.
    struct Entry {
        decltype(sleepers_)& list;
        std::pair<port::SteadyInstant, std::uint64_t> id;
        ~Entry() { list.erase(id); }
    } entry{sleepers_, id};
    if (at <= steady_now()) {
        wake.set();
    } else {
        sleepers_.emplace(id, &wake);
    }
    co_return co_await wake.wait();
}

void VirtualClock::settle() {
    context_.restart();
    while (context_.poll() != 0) context_.restart();
}

bool VirtualClock::step(port::SteadyInstant limit) {
    if (sleepers_.empty()) return false;
    const auto at = sleepers_.begin()->first.first;
    if (limit < at) return false;
    elapsed_ = Duration{at.ms};
    while (!sleepers_.empty() && sleepers_.begin()->first.first <= at) {
        sleepers_.begin()->second->set();
        sleepers_.erase(sleepers_.begin());
    }
    settle();
    return true;
}

void VirtualClock::advance(Duration duration) {
    settle();
    const auto end = steady_now() + duration;
    while (step(end)) {
    }
    elapsed_ = Duration{end.ms};
}

}  // namespace gantry::sim
