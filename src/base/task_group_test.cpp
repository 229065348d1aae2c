#include "base/task_group.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "base/event.h"

namespace gantry {
namespace {
namespace asio = boost::asio;

class TaskGroupTest : public testing::Test {
  protected:
    asio::awaitable<void> wait_and_count(Event& event) {
        if (const auto result = co_await event.wait(); result) {
            ++finished_;
        } else {
            EXPECT_EQ(result.error().errc, Errc::cancelled);
            ++cancelled_;
        }
    }
    asio::awaitable<void> wait_for_ever(Event& event) {
        for (;;) (void)co_await event.wait();
    }
    asio::awaitable<void> stop(TaskGroup& group) {
        co_await group.stop();
        stopped_ = true;
    }

    asio::io_context context_{1};
    int finished_ = 0;
    int cancelled_ = 0;
    bool stopped_ = false;
};

TEST_F(TaskGroupTest, RunsToTheEnd) {
    TaskGroup group(context_.get_executor());
    Event event(context_.get_executor());
    group.spawn("one", wait_and_count(event));
    context_.poll();
    EXPECT_EQ(group.size(), 1u);
    event.set();
    context_.poll();
    EXPECT_EQ(finished_, 1);
    EXPECT_EQ(group.size(), 0u);
}

TEST_F(TaskGroupTest, StopCancelsAndJoins) {
    TaskGroup group(context_.get_executor());
    Event first(context_.get_executor());
    Event second(context_.get_executor());
    group.spawn("one", wait_and_count(first));
    group.spawn("loop", wait_for_ever(second));
    context_.poll();
    asio::co_spawn(context_, stop(group), asio::use_future);
    context_.restart();
    context_.run();
    EXPECT_TRUE(stopped_);
    EXPECT_EQ(cancelled_, 1);
    EXPECT_EQ(group.size(), 0u);
    group.spawn("late", wait_and_count(first));
    EXPECT_EQ(group.size(), 0u);
}

TEST_F(TaskGroupTest, AnEventRemembersOneAnnouncement) {
    TaskGroup group(context_.get_executor());
    Event event(context_.get_executor());
    event.set();
    event.set();
    group.spawn("one", wait_and_count(event));
    context_.poll();
    EXPECT_EQ(finished_, 1);
    group.spawn("two", wait_and_count(event));
    context_.restart();
    context_.poll();
    EXPECT_EQ(finished_, 1);
    asio::co_spawn(context_, stop(group), asio::use_future);
    context_.restart();
    context_.run();
    EXPECT_EQ(cancelled_, 1);
}

TEST_F(TaskGroupTest, DestroyedWhileBusyIsABug) {
    EXPECT_DEATH(
        {
            Event event(context_.get_executor());
            TaskGroup group(context_.get_executor());
            group.spawn("one", wait_and_count(event));
        },
        "destroyed before it was stopped"
    );
}

}  // namespace
}  // namespace gantry
