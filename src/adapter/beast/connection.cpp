#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <ctime>

#include "adapter/beast/server_state.h"

namespace gantry::adapter::beast {
namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace {

using Parser = http::request_parser<http::string_body>;
using boost::system::error_code;
constexpr Duration kLinger{2'000};
constexpr std::size_t kLingerBytes = 32 << 20;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

// "Sun, 06 Nov 1994 08:49:37 GMT", made once a second.
const std::string& http_date() {
    thread_local std::time_t made_at = 0;
    thread_local std::string text;
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    if (now != made_at) {
        std::tm parts{};
        ::gmtime_r(&now, &parts);
        char buffer[40];
        text.assign(buffer, std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &parts));
        made_at = now;
    }
    return text;
}

bool splits_header(std::string_view text) { return text.find_first_of("\r\n\0", 0, 3) != text.npos; }

port::HttpRequest take(Parser& parser) {
    auto message = parser.release();
    port::HttpRequest request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message)
        request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    request.body = std::move(message.body());
    return request;
}

template <class Body>
void fill_header(http::response<Body>& message, const port::HttpResponse& response, bool keep_alive) {
    message.version(11);
    message.result(static_cast<unsigned>(response.status));
    message.keep_alive(keep_alive);
    message.set(http::field::date, http_date());
    for (const auto& [name, value] : response.headers)
        if (!splits_header(name) && !splits_header(value)) message.insert(name, value);
    const bool bodyless = response.status == 204 || response.status == 304;
    if (!bodyless) message.content_length(response.body.size());
}

asio::awaitable<bool> write(
    Connection& connection, port::HttpResponse response, bool head, bool keep_alive, Duration within
) {
    connection.stream.expires_after(within);
    if (head) {
        http::response<http::empty_body> message;
        fill_header(message, response, keep_alive);
        http::response_serializer<http::empty_body> serializer{message};
        const auto [failed, bytes] = co_await http::async_write_header(connection.stream, serializer, kTuple);
        co_return !failed;
    }
    http::response<http::string_body> message;
    fill_header(message, response, keep_alive);
    message.body() = std::move(response.body);
    const auto [failed, bytes] = co_await http::async_write(connection.stream, message, kTuple);
    co_return !failed;
}

port::HttpResponse plain(int status, std::string text) {
    return {status, {{"Content-Type", "text/plain"}}, std::move(text) + "\n"};
}

// What to answer to bytes that are no acceptable request; status 0: nothing, the client has gone.
port::HttpResponse refusal(const error_code& failed) {
    if (failed == http::error::header_limit || failed == http::error::buffer_overflow)
        return plain(431, "The request's header is too large.");
    if (failed == http::error::body_limit) return plain(413, "The request's body is too large.");
    if (failed == http::error::end_of_stream || failed == http::error::partial_message) return {.status = 0};
    if (failed.category() == make_error_code(http::error::bad_method).category())
        return plain(400, "The bytes are not an HTTP/1.1 request: " + failed.message() + ".");
    return {.status = 0};
}

// Reads header and body; error_code and whether 100-continue could not be met.
asio::awaitable<error_code> read(
    Connection& connection, boost::beast::flat_buffer& buffer, Parser& parser, const ServerLimits& limits
) {
    connection.stream.expires_after(limits.idle);
    const auto [no_header, header_bytes] =
        co_await http::async_read_header(connection.stream, buffer, parser, kTuple);
    if (no_header) co_return no_header;
    if (parser.is_done()) co_return error_code{};
    connection.stream.expires_after(limits.body);
    if (boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        http::response<http::empty_body> go_on{http::status::continue_, 11};
        const auto [failed, bytes] = co_await http::async_write(connection.stream, go_on, kTuple);
        if (failed) co_return failed;
    }
    const auto [no_body, body_bytes] = co_await http::async_read(connection.stream, buffer, parser, kTuple);
    co_return no_body;
}

// A refused request may still be on its way, and closing over unread bytes would take the answer with it.
asio::awaitable<void> linger(Connection& connection) {
    error_code failed;
    connection.stream.socket().shutdown(Tcp::socket::shutdown_send, failed);
    connection.stream.expires_after(kLinger);
    std::array<char, 16'384> unwanted;
    for (std::size_t total = 0; !failed && total < kLingerBytes;) {
        const auto [error, bytes] =
            co_await connection.stream.async_read_some(asio::buffer(unwanted), kTuple);
        failed = error;
        total += bytes;
    }
}

void identify(Connection& connection) {
    error_code failed;
    const auto remote = connection.stream.socket().remote_endpoint(failed);
    if (failed) return;
    const auto local = connection.stream.socket().local_endpoint(failed);
    connection.stream.socket().set_option(Tcp::no_delay(true), failed);
    connection.peer = {
        remote.address().to_string(), remote.port(), local.address().to_string(), local.port(),
        remote.address().is_loopback()
    };
}

}  // namespace

asio::awaitable<void> Server::State::serve(std::shared_ptr<Connection> connection) {
    // Runs whichever way the connection ends.
    struct Leaving {
        State& state;
        Connection& connection;
        ~Leaving() {
            state.set_silent(connection, false);
            --state.connections;
            state.closed.set();
        }
    } leaving{*this, *connection};

    identify(*connection);
    boost::beast::flat_buffer buffer;
    for (bool open = true; open && !stopping;) {
        Parser parser;
        parser.header_limit(limits.header_bytes);
        parser.body_limit(limits.body_bytes);
        set_silent(*connection, true);
        const auto failed = co_await read(*connection, buffer, parser, limits);
        set_silent(*connection, false);
        if (failed) {
            auto answer = refusal(failed);
            if (answer.status == 0 || !connection->stream.socket().is_open()) break;
            const bool told = co_await write(*connection, std::move(answer), false, false, limits.answer);
            if (told) co_await linger(*connection);
            break;
        }
        const bool head = parser.get().method() == http::verb::head;
        const auto expect = parser.get()[http::field::expect];
        const bool odd_expect = !expect.empty() && !boost::beast::iequals(expect, "100-continue");
        const bool keep_alive = parser.get().keep_alive();
        auto request = take(parser);
        connection->stream.expires_never();
        port::HttpResponse response;
        if (odd_expect) {
            response = plain(417, "The only expectation that can be met is 100-continue.");
        } else {
            response = co_await handler(std::move(request), connection->peer);
        }
        open = keep_alive && !stopping;
        const bool answered = co_await write(*connection, std::move(response), head, open, limits.answer);
        if (!answered) break;
    }
    // Says goodbye without waiting for the client's: unread bytes may turn it into a reset.
    error_code ignored;
    connection->stream.socket().shutdown(Tcp::socket::shutdown_both, ignored);
    connection->stream.socket().close(ignored);
}

}  // namespace gantry::adapter::beast
