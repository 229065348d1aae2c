#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <list>
#include <memory>
#include <vector>

#include "adapter/beast/server.h"
#include "base/event.h"
#include "base/task_group.h"

namespace gantry::adapter::beast {

using Tcp = boost::asio::ip::tcp;

struct Connection {
    explicit Connection(Tcp::socket socket) : stream(std::move(socket)) {}

    boost::beast::tcp_stream stream;
    port::HttpPeer peer;
    bool silent = false;  // waits for a request; its place in State::silent is valid
    std::list<Connection*>::iterator place;
};

// Not for others: what server.cpp and connection.cpp share. Everything belongs to the executor.
struct Server::State {
    State(boost::asio::any_io_executor given, port::HttpHandler handle, ServerLimits bounds);

    boost::asio::awaitable<void> accept(std::shared_ptr<Tcp::acceptor> acceptor);
    // connection.cpp: one connection from its first byte to its last.
    boost::asio::awaitable<void> serve(std::shared_ptr<Connection> connection);
    // Makes room for one more by closing the one that has been silent longest; false when all are busy.
    bool make_room();
    void set_silent(Connection& connection, bool silent);

    boost::asio::any_io_executor executor;
    port::HttpHandler handler;
    ServerLimits limits;
    std::vector<std::shared_ptr<Tcp::acceptor>> acceptors;
    std::list<Connection*> silent;  // the longest silent first
    std::size_t connections = 0;
    bool stopping = false;
    Event closed;
    TaskGroup tasks;
};

}  // namespace gantry::adapter::beast
