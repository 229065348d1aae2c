#include "adapter/prober/prober.h"

#include <openssl/ssl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace gantry::adapter::prober {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;
using End = port::Probed::End;
using namespace asio::experimental::awaitable_operators;

namespace {

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t header_max = 64 * 1024;

End end_of(const error_code& failed) {
    if (failed == asio::error::timed_out) return End::timeout;
    // Beast's category: something answered, and it was no HTTP.
    if (failed.category() == http::make_error_code(http::error::bad_version).category()) {
        return failed == http::error::end_of_stream || failed == http::error::partial_message ? End::refused
                                                                                              : End::garbage;
    }
    if (failed.category() == asio::error::get_ssl_category()) return End::garbage;
    return End::refused;
}

http::request<http::empty_body> request_of(const port::Probe& probe) {
    const bool usual = probe.port == (probe.protocol == "HTTPS" ? 443 : 80);
    http::request<http::empty_body> request{http::verb::get, probe.path, 11};
    request.set(http::field::host, usual ? probe.address : probe.address + ":" + std::to_string(probe.port));
    request.set(http::field::user_agent, probe.user_agent);
    request.set(http::field::accept_encoding, "gzip, compressed");
    request.set(http::field::connection, "close");
    return request;
}

// What is there already of the body is read: closing over unread bytes would reset the target's connection.
void read_what_came(tcp::socket& socket) {
    std::array<char, 4096> dropped;
    error_code failed;
    for (std::size_t read = 0; read < header_max;) {
        const auto more = socket.read_some(asio::buffer(dropped), failed);
        if (failed || more == 0) return;
        read += more;
    }
}

template <class Stream>
awaitable<port::Probed> get(Stream& stream, const port::Probe& probe) {
    port::Probed probed{End::refused, 0};
    const auto request = request_of(probe);
    const auto [unsent, sent] = co_await http::async_write(stream, request, no_throw);
    if (unsent) {
        probed.end = end_of(unsent);
        co_return probed;
    }
    boost::beast::flat_buffer buffer(header_max);
    http::response_parser<http::buffer_body> parser;
    parser.header_limit(header_max);
    parser.body_limit(boost::none);
    const auto [unread, read] = co_await http::async_read_header(stream, buffer, parser, no_throw);
    if (unread) {
        probed.end = end_of(unread);
        co_return probed;
    }
    probed.end = End::answered;
    probed.status = parser.get().result_int();
    co_return probed;
}

// Until the time is over. Cancelled: as if it were.
awaitable<void> wait_for(Duration timeout) {
    asio::steady_timer timer(co_await asio::this_coro::executor, timeout);
    co_await timer.async_wait(no_throw);
}

}  // namespace

Prober::Prober(asio::any_io_executor executor, port::Network& network)
    : executor_(std::move(executor)), network_(network), tls_(asio::ssl::context::tls_client) {
    tls_.set_verify_mode(asio::ssl::verify_none);
    // A health check asks whether somebody answers, not how well he encrypts.
    ::SSL_CTX_set_cipher_list(tls_.native_handle(), "ALL:@SECLEVEL=0");
    ::SSL_CTX_set_min_proto_version(tls_.native_handle(), TLS1_VERSION);
}

awaitable<port::Probed> Prober::probe(port::Probe probe) {
    port::Probed probed{End::not_made, 0};
    auto socket = co_await network_.socket_from(probe.from);
    if (!socket) co_return probed;
    auto answer = co_await (ask(probe, socket->release()) || wait_for(probe.timeout));
    if (answer.index() == 0)
        probed = std::get<0>(answer);
    else
        probed.end = End::timeout;
    co_return probed;
}

awaitable<port::Probed> Prober::ask(const port::Probe& probe, int descriptor) {
    port::Probed probed{End::not_made, 0};
    tcp::socket socket(executor_);
    error_code failed;
    socket.assign(tcp::v4(), descriptor, failed);
    if (failed) {
        ::close(descriptor);
        co_return probed;
    }
    const auto address = asio::ip::make_address_v4(probe.address, failed);
    if (failed) co_return probed;
    const tcp::endpoint target(address, probe.port);
    const auto [refused] = co_await socket.async_connect(target, no_throw);
    if (refused) {
        probed.end = end_of(refused);
        co_return probed;
    }
    if (probe.protocol == "TCP") {
        probed.end = End::answered;
        co_return probed;
    }
    if (probe.protocol == "HTTP") {
        probed = co_await get(socket, probe);
        socket.non_blocking(true, failed);
        read_what_came(socket);
        co_return probed;
    }
    asio::ssl::stream<tcp::socket&> stream(socket, tls_);
    const auto [unagreed] = co_await stream.async_handshake(asio::ssl::stream_base::client, no_throw);
    if (unagreed) {
        probed.end = end_of(unagreed);
        co_return probed;
    }
    co_return co_await get(stream, probe);
}

}  // namespace gantry::adapter::prober
