#include "control/strand.h"

#include <gtest/gtest.h>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>
#include <vector>

namespace gantry::control {
namespace {

namespace asio = boost::asio;

TEST(StrandTest, WhoFindsItFreeRunsOnIt) {
    asio::io_context context{1};
    Strand strand(context);
    bool ran = false;
    EXPECT_TRUE(strand.try_run([&] {
        ran = strand.here();
        EXPECT_FALSE(strand.try_run([] {})) << "twice at once";
    }));
    EXPECT_TRUE(ran);
    EXPECT_FALSE(strand.here());
}

TEST(StrandTest, NobodyEntersWhileSomethingRunsOnIt) {
    asio::io_context context{1};
    Strand strand(context);
    bool entered = true;
    asio::post(strand.executor(), [&] {
        EXPECT_TRUE(strand.here());
        entered = std::async(std::launch::async, [&] { return strand.try_run([] {}); }).get();
    });
    context.run();
    EXPECT_FALSE(entered);
    EXPECT_TRUE(strand.try_run([] {}));
}

TEST(StrandTest, ItsExecutorRunsAtOnceWhatIsDispatchedOnItAndLaterWhatIsPosted) {
    asio::io_context context{1};
    Strand strand(context);
    std::vector<int> order;
    ASSERT_TRUE(strand.try_run([&] {
        asio::post(strand.executor(), [&] { order.push_back(3); });
        asio::dispatch(strand.executor(), [&] { order.push_back(1); });
        order.push_back(2);
    }));
    asio::dispatch(strand.executor(), [&] { order.push_back(4); });
    EXPECT_EQ(order, (std::vector<int>{1, 2}));
    context.run();
    EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4}));
}

TEST(StrandTest, OneThingAtATimeFromManyThreads) {
    constexpr int kThreads = 4, kEach = 2'000;
    asio::io_context context{1};
    Strand strand(context);
    auto guard = std::make_optional(asio::make_work_guard(context));
    std::thread running([&] { context.run(); });
    int count = 0;  // no atomic: the strand guards it
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            for (int j = 0; j < kEach; ++j) {
                if (!strand.try_run([&] { ++count; })) asio::post(strand.executor(), [&] { ++count; });
            }
        });
    }
    for (auto& thread : threads) thread.join();
    guard.reset();
    running.join();
    EXPECT_EQ(count, kThreads * kEach);
}

}  // namespace
}  // namespace gantry::control
