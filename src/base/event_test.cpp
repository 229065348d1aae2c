#include "base/event.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>

namespace gantry {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

asio::awaitable<void> count(Event& event, int& woken) {
    while (true) {
        const auto done = co_await event.wait();
        if (!done) co_return;
        ++woken;
    }
}

asio::awaitable<void> either(Event& first, Event& second, Event& then, int& woken) {
    (void)co_await (first.wait() || second.wait());
    ++woken;
    (void)co_await then.wait();
    (void)co_await first.wait();
    ++woken;
}

TEST(Event, RemembersOneAnnouncement) {
    asio::io_context context;
    Event event(context.get_executor());
    int woken = 0;
    event.set();
    event.set();
    asio::co_spawn(context, count(event, woken), asio::detached);
    context.poll();
    EXPECT_EQ(woken, 1);
    event.set();
    context.restart();
    context.poll();
    EXPECT_EQ(woken, 2);
}

// As in "until something happens, or that time has come": what is announced after the time came is not lost.
TEST(Event, RemembersAlsoAfterAWaitThatWasCancelled) {
    asio::io_context context;
    Event first(context.get_executor());
    Event second(context.get_executor());
    Event then(context.get_executor());
    int woken = 0;
    asio::co_spawn(context, either(first, second, then, woken), asio::detached);
    context.poll();
    second.set();
    context.restart();
    context.poll();
    ASSERT_EQ(woken, 1);
    first.set();
    then.set();
    context.restart();
    context.poll();
    EXPECT_EQ(woken, 2);
}

}  // namespace
}  // namespace gantry
