#include "control/policy_timer.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "control/policy_time.h"

namespace gantry::control {

PolicyTimer::PolicyTimer(Loop& loop) : loop_(loop), bent_(std::make_shared<Event>(loop.strand())) {
    loop.on_durable([weak = std::weak_ptr(bent_), &loop](const state::ChangeSet& changes) {
        const auto event = weak.lock();
        if (!event) return;
        const auto table = loop.schema().table_of<PolicyClockRecord>();
        for (const auto& change : changes)
            if (change.table == table) event->set();
    });
    loop.on_loaded([weak = std::weak_ptr(bent_)](const state::View&) {
        if (const auto event = weak.lock()) event->set();
    });
}

PolicyTimer::~PolicyTimer() = default;

boost::asio::awaitable<Result<void>> PolicyTimer::wait_until(PolicyInstant at) {
    using namespace boost::asio::experimental::awaitable_operators;
    while (loop_.policy_now() < at) {
        const auto clock = loop_.view().get<PolicyClockRecord>("clock");
        const auto woken = co_await (loop_.clock().sleep_until(real_at(clock.get(), at)) || bent_->wait());
        const auto& result = woken.index() == 0 ? std::get<0>(woken) : std::get<1>(woken);
        if (!result) co_return result;
    }
    co_return Result<void>{};
}

}  // namespace gantry::control
