#include "adapter/os/stop_signal.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

namespace gantry::adapter::os {
namespace asio = boost::asio;

struct StopSignal::Set {
    explicit Set(asio::any_io_executor executor) : signals(std::move(executor), SIGINT, SIGTERM) {}
    asio::signal_set signals;
};

StopSignal::StopSignal(asio::any_io_executor executor) : set_(std::make_unique<Set>(std::move(executor))) {}
StopSignal::~StopSignal() = default;

asio::awaitable<Result<int>> StopSignal::wait() {
    const auto [failed, number] = co_await set_->signals.async_wait(asio::as_tuple(asio::use_awaitable));
    if (failed) co_return trouble(Errc::cancelled, "no longer waiting for a signal");
    co_return number;
}

}  // namespace gantry::adapter::os
