#include "adapter/resolver/forwarder.h"

#include <sys/random.h>
#include <sys/stat.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <sstream>

#include "adapter/resolver/message.h"

namespace gantry::adapter::resolver {
namespace asio = boost::asio;
namespace {

using namespace asio::experimental::awaitable_operators;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t most_servers = 3;  // as the C library

std::uint16_t random_id() {
    std::uint16_t id = 0;
    while (::getrandom(&id, sizeof id, 0) != sizeof id) {
    }
    return id;
}

asio::awaitable<std::optional<std::string>> late(asio::steady_timer& timer) {
    co_await timer.async_wait(as_result);
    co_return std::nullopt;
}

asio::awaitable<std::optional<std::string>> exchange_udp(
    asio::ip::udp::socket& socket, const std::string& query
) {
    auto [error, sent] = co_await socket.async_send(asio::buffer(query), as_result);
    std::string reply(65535, '\0');
    while (!error) {
        auto [failed, got] = co_await socket.async_receive(asio::buffer(reply), as_result);
        if (failed) break;
        // A forged or late datagram is passed over; the true one may still come.
        if (!is_reply_to(std::string_view(reply).substr(0, got), query)) continue;
        reply.resize(got);
        co_return reply;
    }
    co_return std::nullopt;
}

asio::awaitable<std::optional<std::string>> exchange_tcp(
    asio::ip::tcp::socket& socket, const asio::ip::tcp::endpoint& server, const std::string& query
) {
    auto [refused] = co_await socket.async_connect(server, as_result);
    if (refused) co_return std::nullopt;
    std::string framed{static_cast<char>(query.size() >> 8), static_cast<char>(query.size() & 255)};
    framed += query;
    auto [unsent, sent] = co_await asio::async_write(socket, asio::buffer(framed), as_result);
    if (unsent) co_return std::nullopt;
    unsigned char length[2];
    auto [no_length, two] = co_await asio::async_read(socket, asio::buffer(length), as_result);
    if (no_length) co_return std::nullopt;
    std::string reply(static_cast<std::size_t>(length[0] << 8 | length[1]), '\0');
    auto [no_reply, got] = co_await asio::async_read(socket, asio::buffer(reply), as_result);
    if (no_reply || !is_reply_to(reply, query)) co_return std::nullopt;
    co_return reply;
}

}  // namespace

std::vector<asio::ip::address> Forwarder::servers() {
    struct stat info{};
    std::int64_t stamp = -2;
    if (::stat(upstreams_.resolv_conf.c_str(), &info) == 0) {
        stamp = info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec +
                static_cast<std::int64_t>(info.st_ino);
    }
    if (stamp == read_stamp_) return servers_;
    read_stamp_ = stamp;
    servers_.clear();
    std::ifstream file(upstreams_.resolv_conf);
    for (std::string line; std::getline(file, line) && servers_.size() < most_servers;) {
        std::istringstream words(line);
        std::string key, value;
        words >> key >> value;
        boost::system::error_code error;
        auto address = asio::ip::make_address(value, error);
        if (key == "nameserver" && !error) servers_.push_back(address);
    }
    if (servers_.empty()) servers_.push_back(asio::ip::address_v4::loopback());
    return servers_;
}

asio::awaitable<std::optional<std::string>> Forwarder::ask(std::string query, bool over_tcp) {
    auto id = id_of(query);
    for (const auto& server : servers()) {
        // An id and a port of its own for each attempt, which nobody can guess.
        set_id(query, random_id());
        // (Not one conditional expression: GCC 12 destroys the temporaries of the branch that was not taken.)
        std::optional<std::string> reply;
        if (over_tcp) {
            reply = co_await ask_tcp(server, query);
        } else {
            reply = co_await ask_udp(server, query);
        }
        if (!reply) continue;
        set_id(*reply, id);
        co_return reply;
    }
    co_return std::nullopt;
}

asio::awaitable<std::optional<std::string>> Forwarder::ask_udp(asio::ip::address server, std::string query) {
    asio::ip::udp::socket socket(executor_);
    asio::steady_timer timer(executor_, upstreams_.patience);
    boost::system::error_code error;
    asio::ip::udp::endpoint to(server, upstreams_.port);
    socket.open(to.protocol(), error);
    if (!error) socket.connect(to, error);
    if (error) co_return std::nullopt;
    auto first = co_await (exchange_udp(socket, query) || late(timer));
    if (first.index() == 0) co_return std::get<0>(std::move(first));
    co_return std::nullopt;
}

asio::awaitable<std::optional<std::string>> Forwarder::ask_tcp(asio::ip::address server, std::string query) {
    asio::ip::tcp::socket socket(executor_);
    asio::steady_timer timer(executor_, upstreams_.patience);
    auto first = co_await (exchange_tcp(socket, {server, upstreams_.port}, query) || late(timer));
    if (first.index() == 0) co_return std::get<0>(std::move(first));
    co_return std::nullopt;
}

}  // namespace gantry::adapter::resolver
