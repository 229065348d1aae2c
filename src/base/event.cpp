#include "base/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace gantry {
namespace asio = boost::asio;

// The channel only hands over to who waits. What nobody waits for is remembered here, not in its buffer: after a
// cancelled wait a buffered channel of Boost 1.81 takes nothing any more.
struct Event::Channel {
    explicit Channel(asio::any_io_executor on) : executor(on), channel(std::move(on), 0) {}
    asio::any_io_executor executor;
    asio::experimental::channel<void(boost::system::error_code)> channel;
    bool announced = false;
};

Event::Event(asio::any_io_executor executor) : channel_(std::make_unique<Channel>(std::move(executor))) {}

Event::~Event() = default;

void Event::set() {
    if (!channel_->channel.try_send(boost::system::error_code{})) channel_->announced = true;
}

asio::awaitable<Result<void>> Event::wait() {
    if (std::exchange(channel_->announced, false)) {
        // Others have their turn in any case.
        co_await asio::post(channel_->executor, asio::use_awaitable);
        co_return Result<void>{};
    }
    const auto [failed] = co_await channel_->channel.async_receive(asio::as_tuple(asio::use_awaitable));
    if (failed) co_return trouble(Errc::cancelled, "the wait was cancelled");
    co_return Result<void>{};
}

}  // namespace gantry
