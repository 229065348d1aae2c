#include "worker/turnstile.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gantry::worker {
namespace asio = boost::asio;

struct Turnstile::Tokens {
    asio::experimental::channel<void(boost::system::error_code)> channel;
};

Turnstile::Turnstile(asio::any_io_executor executor, std::size_t places)
    : tokens_(new Tokens{{std::move(executor), places}}) {
    for (std::size_t i = 0; i < places; ++i) tokens_->channel.try_send(boost::system::error_code{});
}

Turnstile::~Turnstile() = default;

asio::awaitable<Result<Turnstile::Place>> Turnstile::enter() {
    const auto [failed] = co_await tokens_->channel.async_receive(asio::as_tuple(asio::use_awaitable));
    if (failed) co_return trouble(Errc::cancelled, "the wait was cancelled");
    co_return Place(this);
}

Turnstile::Place::~Place() {
    if (turnstile_ != nullptr) turnstile_->tokens_->channel.try_send(boost::system::error_code{});
}

}  // namespace gantry::worker
