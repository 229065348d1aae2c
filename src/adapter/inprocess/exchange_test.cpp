#include "adapter/inprocess/exchange.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

namespace gantry::adapter::inprocess {
namespace {

namespace asio = boost::asio;

class ExchangeTest : public testing::Test {
  protected:
    template <class T>
    T run(asio::awaitable<T> work) {
        auto done = asio::co_spawn(io, std::move(work), asio::use_future);
        io.restart();
        io.run();
        return done.get();
    }

    asio::io_context io;
    Exchange exchange{io.get_executor()};
    std::unique_ptr<port::LinkConnector> connector = exchange.connector();
    std::unique_ptr<port::LinkAcceptor> acceptor = exchange.acceptor();
};

TEST_F(ExchangeTest, CarriesMessagesBothWaysInOrder) {
    auto worker = run(connector->connect()).value();
    auto plane = run(acceptor->accept()).value();
    for (const char* text : {"one", "two"}) EXPECT_TRUE(run(worker->send(text)));
    EXPECT_EQ(run(plane->receive()).value(), "one");
    EXPECT_EQ(run(plane->receive()).value(), "two");
    EXPECT_TRUE(run(plane->send("back")));
    EXPECT_EQ(run(worker->receive()).value(), "back");
}

TEST_F(ExchangeTest, ClosingEndsBothSidesAfterWhatWasSent) {
    auto worker = run(connector->connect()).value();
    auto plane = run(acceptor->accept()).value();
    EXPECT_TRUE(run(worker->send("last words")));
    worker->close();
    EXPECT_EQ(run(plane->receive()).value(), "last words");
    EXPECT_EQ(run(plane->receive()).error().errc, Errc::unavailable);
    EXPECT_FALSE(run(plane->send("too late")));
    EXPECT_FALSE(run(worker->receive()));
}

TEST_F(ExchangeTest, ClosedAcceptorTellsItsWaiter) {
    auto waiting = asio::co_spawn(io, acceptor->accept(), asio::use_future);
    io.poll();
    acceptor->close();
    io.restart();
    io.run();
    EXPECT_EQ(waiting.get().error().errc, Errc::cancelled);
    EXPECT_FALSE(run(connector->connect()));
}

}  // namespace
}  // namespace gantry::adapter::inprocess
