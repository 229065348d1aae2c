#include "base/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gantry {
namespace asio = boost::asio;

struct Event::Channel {
    explicit Channel(asio::any_io_executor executor) : channel(std::move(executor), 1) {}
    asio::experimental::channel<void(boost::system::error_code)> channel;
};

Event::Event(asio::any_io_executor executor) : channel_(std::make_unique<Channel>(std::move(executor))) {}

Event::~Event() = default;

// A full channel means that it is announced already.
void Event::set() { channel_->channel.try_send(boost::system::error_code{}); }

asio::awaitable<Result<void>> Event::wait() {
    const auto [failed] = co_await channel_->channel.async_receive(asio::as_tuple(asio::use_awaitable));
    if (failed) co_return trouble(Errc::cancelled, "the wait was cancelled");
    co_return Result<void>{};
}

}  // namespace gantry
