#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "adapter/os/chance.h"
#include "adapter/os/clock.h"
#include "adapter/os/hosts_file.h"
#include "adapter/os/stop_signal.h"
#include "base/task_group.h"

namespace gantry::adapter::os {
namespace {

namespace asio = boost::asio;

TEST(Clock, SleepsAtLeastAsLongAsAsked) {
    asio::io_context context{1};
    Clock clock;
    const auto before = clock.steady_now();
    bool slept = false;
    asio::co_spawn(context, clock.sleep_for(Duration{5}), [&](std::exception_ptr, Result<void> r) {
        slept = bool(r);
    });
    context.run();
    EXPECT_TRUE(slept);
    EXPECT_GE(clock.steady_now() - before, Duration{5});
    EXPECT_GT(clock.now().ms, 1'700'000'000'000);
}

asio::awaitable<void> sleep_long(Clock& clock, Result<void>& result) {
    result = co_await clock.sleep_for(std::chrono::hours(1));
}

TEST(Clock, ASleeperCanBeCancelled) {
    asio::io_context context{1};
    Clock clock;
    Result<void> result;
    TaskGroup group(context.get_executor());
    group.spawn("sleeper", sleep_long(clock, result));
    context.poll();
    asio::co_spawn(context, group.stop(), asio::detached);
    context.restart();
    context.run();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().errc, Errc::cancelled);
}

TEST(Chance, Differs) {
    Chance chance;
    EXPECT_NE(chance.uuid(), chance.uuid());
    for (int i = 0; i < 100; ++i) EXPECT_NE(chance.draw(), chance.draw());
}

TEST(StopSignal, Arrives) {
    asio::io_context context{1};
    StopSignal signal(context.get_executor());
    int number = 0;
    asio::co_spawn(context, signal.wait(), [&](std::exception_ptr, Result<int> r) { number = *r; });
    context.poll();
    ::raise(SIGTERM);
    context.restart();
    context.run();
    EXPECT_EQ(number, SIGTERM);
}

TEST(HostsFile, KeepsEverythingElse) {
    const std::string original = "127.0.0.1 localhost\n# mine";
    const auto once = HostsFile().with_block(original, {{"127.64.0.1", "a.gantry.internal"}});
    EXPECT_TRUE(once.starts_with("127.0.0.1 localhost\n# mine\n# BEGIN gantry"));
    EXPECT_NE(once.find("127.64.0.1 a.gantry.internal\n"), std::string::npos);
    EXPECT_EQ(HostsFile().with_block(once, {{"127.64.0.1", "a.gantry.internal"}}), once);
    EXPECT_EQ(HostsFile().with_block(once + "10.0.0.1 later\n", {}), original + "\n10.0.0.1 later\n");
}

TEST(HostsFile, WritesAndTakesAway) {
    std::string folder = (std::filesystem::temp_directory_path() / "gantry-hosts-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const std::string path = folder + "/hosts";
    std::ofstream(path) << "127.0.0.1 localhost\n";
    const auto content = [&] {
        std::stringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    };
    HostsFile hosts("gantry", path);
    ASSERT_TRUE(hosts.set({{"127.64.0.1", "a.gantry.internal"}}));
    EXPECT_NE(content().find("a.gantry.internal"), std::string::npos);
    ASSERT_TRUE(hosts.set({}));
    EXPECT_EQ(content(), "127.0.0.1 localhost\n");
    EXPECT_FALSE(HostsFile("gantry", folder + "/none").set({}));
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace gantry::adapter::os
