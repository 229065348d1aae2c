#include "adapter/beast/server.h"

#include <fcntl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "adapter/beast/server_state.h"
#include "base/log.h"

namespace gantry::adapter::beast {
namespace asio = boost::asio;
namespace {

// How long to wait when the process has no file descriptor left.
constexpr Duration kAcceptPause{100};
constexpr int kBacklog = 1'024;

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

tl::unexpected<Error> failure(const std::string& where, const boost::system::error_code& failed) {
    const auto kind = failed == asio::error::address_in_use ? Errc::conflict : Errc::unavailable;
    return trouble(kind, "cannot listen on " + where + ": " + failed.message());
}

}  // namespace

Server::State::State(asio::any_io_executor given, port::HttpHandler handle, ServerLimits bounds)
    : executor(std::move(given)),
      handler(std::move(handle)),
      limits(bounds),
      closed(executor),
      tasks(executor) {}

Server::Server(asio::any_io_executor executor, port::HttpHandler handler, ServerLimits limits)
    : state_(std::make_unique<State>(std::move(executor), std::move(handler), limits)) {}

Server::~Server() = default;

Result<std::uint16_t> Server::listen(const std::string& address, std::uint16_t port, bool share_port) {
    const auto where = address + ":" + std::to_string(port);
    boost::system::error_code failed;
    const Tcp::endpoint endpoint(asio::ip::make_address(address, failed), port);
    if (failed) return trouble(Errc::invalid, address + " is not an IP address");
    auto acceptor = std::make_shared<Tcp::acceptor>(state_->executor);
    acceptor->open(endpoint.protocol(), failed);
    if (failed) return failure(where, failed);
    // Asio opens and accepts without it; a program that is started must not keep our port.
    ::fcntl(acceptor->native_handle(), F_SETFD, FD_CLOEXEC);
    acceptor->set_option(asio::socket_base::reuse_address(true), failed);
    if (share_port) acceptor->set_option(ReusePort(true), failed);
    acceptor->bind(endpoint, failed);
    if (failed) return failure(where, failed);
    acceptor->listen(kBacklog, failed);
    if (failed) return failure(where, failed);
    state_->acceptors.push_back(acceptor);
    state_->tasks.spawn("accept " + where, state_->accept(acceptor));
    return acceptor->local_endpoint(failed).port();
}

Result<std::uint16_t> Server::adopt(int listening_fd) {
    boost::system::error_code failed;
    auto acceptor = std::make_shared<Tcp::acceptor>(state_->executor);
    acceptor->assign(Tcp::v4(), listening_fd, failed);
    if (failed) return failure("the given socket", failed);
    const auto endpoint = acceptor->local_endpoint(failed);
    if (failed) return failure("the given socket", failed);
    state_->acceptors.push_back(acceptor);
    state_->tasks.spawn("accept on a given socket", state_->accept(acceptor));
    return endpoint.port();
}

std::size_t Server::connections() const { return state_->connections; }

asio::awaitable<void> Server::State::accept(std::shared_ptr<Tcp::acceptor> acceptor) {
    while (!stopping) {
        auto [failed, socket] = co_await acceptor->async_accept(asio::as_tuple(asio::use_awaitable));
        if (stopping || failed == asio::error::operation_aborted) co_return;
        if (failed) {
            log::warn("a connection cannot be accepted", {{"why", failed.message()}});
            asio::steady_timer pause(executor, kAcceptPause);
            const auto [cut] = co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
            if (cut) co_return;
            continue;
        }
        ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
        if (connections >= limits.connections && !make_room()) continue;
        auto connection = std::make_shared<Connection>(std::move(socket));
        ++connections;
        set_silent(*connection, true);
        tasks.spawn("connection", serve(std::move(connection)));
    }
}

bool Server::State::make_room() {
    if (silent.empty()) return false;
    auto& oldest = *silent.front();
    set_silent(oldest, false);
    boost::system::error_code ignored;
    oldest.stream.socket().close(ignored);
    return true;
}

void Server::State::set_silent(Connection& connection, bool is_silent) {
    if (connection.silent == is_silent) return;
    connection.silent = is_silent;
    if (is_silent) {
        connection.place = silent.insert(silent.end(), &connection);
    } else {
        silent.erase(connection.place);
    }
}

asio::awaitable<void> Server::stop() {
    using namespace asio::experimental::awaitable_operators;
    auto& state = *state_;
    state.stopping = true;
    boost::system::error_code ignored;
    for (const auto& acceptor : state.acceptors) acceptor->close(ignored);
    while (state.make_room()) {
    }
    asio::steady_timer deadline(state.executor, state.limits.stopping);
    bool late = false;
    while (state.connections > 0 && !late) {
        const auto woken =
            co_await (state.closed.wait() || deadline.async_wait(asio::as_tuple(asio::use_awaitable)));
        late = woken.index() == 1;
    }
    co_await state.tasks.stop();
}

}  // namespace gantry::adapter::beast
