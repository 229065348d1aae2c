#include "adapter/resolver/server.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <map>
#include <optional>

#include "adapter/resolver/message.h"
#include "base/task_group.h"

namespace gantry::adapter::resolver {
namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t ttl_s = 5;
constexpr std::size_t addresses_given = 8;

// Four bytes, or nothing for text that is no IPv4 address.
std::optional<std::string> pack(const std::string& text) {
    boost::system::error_code error;
    auto address = asio::ip::make_address_v4(text, error);
    if (error) return {};
    auto bytes = address.to_bytes();
    return std::string(bytes.begin(), bytes.end());
}

bool is_below(std::string_view name, std::string_view zone) {
    if (!name.ends_with(zone)) return false;
    return name.size() == zone.size() || name[name.size() - zone.size() - 1] == '.';
}

}  // namespace

struct Server::State {
    State(asio::any_io_executor on, ServerOptions with)
        : executor(std::move(on)),
          options(std::move(with)),
          forwarder(executor, options.upstreams),
          tasks(executor) {}

    std::vector<std::string> choose(const std::vector<std::string>& all) {
        auto chosen = all;
        if (!chosen.empty()) {
            std::ranges::rotate(chosen, chosen.begin() + static_cast<long>(turn++ % chosen.size()));
        }
        chosen.resize(std::min(chosen.size(), addresses_given));
        return chosen;
    }

    // The reply where no one else is needed for it; an empty one where there shall be none.
    std::optional<std::string> answer(std::string_view message) {
        if (!is_question(message)) return std::string();
        if (!is_standard(message)) return write_failure(message, Code::not_implemented);
        auto question = read_question(message);
        if (!question) return write_failure(message, Code::format_error);
        if (auto known = addresses.find(question->name); known != addresses.end()) {
            bool wanted = question->klass == 1 && (question->type == type_a || question->type == type_any);
            return write_answer(
                message, *question, Code::none, wanted ? choose(known->second) : std::vector<std::string>(),
                ttl_s
            );
        }
        bool ours =
            std::ranges::any_of(zones, [&](const auto& zone) { return is_below(question->name, zone); });
        if (ours) return write_answer(message, *question, Code::no_such_name, {}, ttl_s);
        return std::nullopt;
    }

    asio::awaitable<std::string> forward(std::string message, bool over_tcp) {
        auto failure = write_failure(message, Code::server_failure);
        if (questions >= options.questions_max) co_return failure;
        ++questions;
        auto reply = co_await forwarder.ask(std::move(message), over_tcp);
        --questions;
        co_return reply.value_or(std::move(failure));
    }

    void reply_udp(const std::string& reply, const asio::ip::udp::endpoint& to) {
        // A full buffer drops it, as a full line would; clients ask again.
        boost::system::error_code ignored;
        if (!reply.empty()) udp->send_to(asio::buffer(reply), to, 0, ignored);
    }

    asio::awaitable<void> forward_udp(std::string message, asio::ip::udp::endpoint from) {
        reply_udp(co_await forward(std::move(message), false), from);
    }

    asio::awaitable<void> serve_udp() {
        std::string buffer(4096, '\0');
        while (true) {
            asio::ip::udp::endpoint from;
            auto [error, got] = co_await udp->async_receive_from(asio::buffer(buffer), from, as_result);
            if (error == asio::error::operation_aborted || !udp->is_open()) co_return;
            if (error) continue;  // an ICMP error of an earlier reply
            auto message = buffer.substr(0, got);
            if (auto reply = answer(message)) {
                reply_udp(*reply, from);
            } else if (questions < options.questions_max) {
                tasks.spawn("dns question", forward_udp(std::move(message), from));
            } else {
                reply_udp(write_failure(message, Code::server_failure), from);
            }
        }
    }

    asio::awaitable<void> idle() {
        asio::steady_timer timer(executor, options.idle);
        co_await timer.async_wait(as_result);
    }

    asio::awaitable<std::optional<std::string>> read_framed(asio::ip::tcp::socket& socket) {
        unsigned char length[2];
        auto [failed, two] = co_await asio::async_read(socket, asio::buffer(length), as_result);
        if (failed) co_return std::nullopt;
        std::string message(static_cast<std::size_t>(length[0] << 8 | length[1]), '\0');
        auto [cut, got] = co_await asio::async_read(socket, asio::buffer(message), as_result);
        if (cut) co_return std::nullopt;
        co_return message;
    }

    asio::awaitable<bool> write_framed(asio::ip::tcp::socket& socket, const std::string& reply) {
        std::string framed{static_cast<char>(reply.size() >> 8), static_cast<char>(reply.size() & 255)};
        framed += reply;
        auto [failed, sent] = co_await asio::async_write(socket, asio::buffer(framed), as_result);
        co_return !failed;
    }

    asio::awaitable<void> serve_connection(asio::ip::tcp::socket socket) {
        ++connections;
        while (true) {
            auto read = co_await (read_framed(socket) || idle());
            if (read.index() != 0 || !std::get<0>(read)) break;
            auto message = *std::get<0>(std::move(read));
            auto reply = answer(message);
            if (!reply) reply = co_await forward(std::move(message), true);
            if (reply->empty()) break;
            auto written = co_await (write_framed(socket, *reply) || idle());
            if (written.index() != 0 || !std::get<0>(written)) break;
        }
        --connections;
    }

    asio::awaitable<void> serve_tcp() {
        while (true) {
            auto [error, socket] = co_await tcp->async_accept(as_result);
            if (error == asio::error::operation_aborted || !tcp->is_open()) co_return;
            if (error) {
                // Out of descriptors, say: not at full speed.
                asio::steady_timer pause(executor, std::chrono::milliseconds(100));
                co_await pause.async_wait(as_result);
                continue;
            }
            if (connections < options.connections_max) {
                tasks.spawn("dns connection", serve_connection(std::move(socket)));
            }
        }
    }

    asio::any_io_executor executor;
    ServerOptions options;
    Forwarder forwarder;
    std::vector<std::string> zones;
    std::map<std::string, std::vector<std::string>> addresses;  // packed
    std::size_t turn = 0, questions = 0, connections = 0;
    std::optional<asio::ip::udp::socket> udp;
    std::optional<asio::ip::tcp::acceptor> tcp;
    TaskGroup tasks;
};

Server::Server(asio::any_io_executor executor, ServerOptions options)
    : state_(std::make_unique<State>(std::move(executor), std::move(options))) {}

Server::~Server() = default;

void Server::set_names(port::Names names) {
    state_->zones = std::move(names.zones);
    state_->addresses.clear();
    for (const auto& [name, addresses] : names.addresses) {
        auto& packed = state_->addresses[name];
        for (const auto& text : addresses) {
            if (auto bytes = pack(text)) packed.push_back(std::move(*bytes));
        }
    }
}

void Server::start(port::Descriptor udp, port::Descriptor tcp) {
    state_->udp.emplace(state_->executor, asio::ip::udp::v4(), udp.release());
    state_->tcp.emplace(state_->executor, asio::ip::tcp::v4(), tcp.release());
    state_->tasks.spawn("dns over udp", state_->serve_udp());
    state_->tasks.spawn("dns over tcp", state_->serve_tcp());
}

asio::awaitable<void> Server::stop() {
    co_await state_->tasks.stop();
    boost::system::error_code ignored;
    if (state_->udp) state_->udp->close(ignored);
    if (state_->tcp) state_->tcp->close(ignored);
}

}  // namespace gantry::adapter::resolver
