#include "worker/turnstile.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gantry::worker {
namespace asio = boost::asio;

// The channel only hands a place over to who waits; free ones are counted here: after a cancelled wait a buffered
// channel of Boost 1.81 takes nothing any more, and places would be lost.
struct Turnstile::Tokens {
    asio::experimental::channel<void(boost::system::error_code)> channel;
    std::size_t free;
};

Turnstile::Turnstile(asio::any_io_executor executor, std::size_t places)
    : tokens_(new Tokens{{std::move(executor), 0}, places}) {}

Turnstile::~Turnstile() = default;

asio::awaitable<Result<Turnstile::Place>> Turnstile::enter() {
    if (tokens_->free > 0) {
        --tokens_->free;
        co_return Place(this);
    }
    const auto [failed] = co_await tokens_->channel.async_receive(asio::as_tuple(asio::use_awaitable));
    if (failed) co_return trouble(Errc::cancelled, "the wait was cancelled");
    co_return Place(this);
}

Turnstile::Place::~Place() {
    if (turnstile_ == nullptr) return;
    auto& tokens = *turnstile_->tokens_;
    if (!tokens.channel.try_send(boost::system::error_code{})) ++tokens.free;
}

}  // namespace gantry::worker
