#include <gtest/gtest.h>

#include "worker/agent_fixture_test.h"
#include "worker/stop_code.h"

// Nothing of a task that nobody wants any more stays on the machine, whenever the worker is killed.
namespace gantry::worker {
namespace {

TEST(AgentLeftovers, AWorkerThatIsKilledWhileADroppedTaskEndsGoesOnWithIt) {
    int killed_in_time = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        World world(seed);
        const auto task = a_task('a');
        world.control.want(task);
        world.until_status(task.id, TaskStatus::RUNNING);
        world.faults.rates.lose_answer = 500;
        world.control.want(stopped(task));
        world.control.drop("task", task.id);
        world.until([&] { return world.runtime.tasks().empty(); });
        world.stop();
        killed_in_time += world.disk.files().empty() ? 0 : 1;
        world.faults.rates = {};
        world.start();
        world.until([&] { return world.agent->tasks().empty(); });
        EXPECT_EQ(world.disk.texts().size(), 1u);  // its identity
        EXPECT_TRUE(world.disk.files().empty());
        EXPECT_EQ(world.runtime.containers(), 0u);
        EXPECT_EQ(world.runtime.starts_of(container_id(task, "c0")), 1);
    }
    // The runtime knew nothing of the task any more, and its files were still there.
    EXPECT_GT(killed_in_time, 0);
}

TEST(AgentLeftovers, ADroppedTaskIsKeptUntilItsOutputIsShipped) {
    World world;
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.output.ships = false;
    world.control.want(stopped(task));
    world.until_status(task.id, TaskStatus::STOPPED);
    world.control.drop("task", task.id);
    world.until([&] { return world.control.settled(); });
    world.advance(minutes(1));
    world.stop();
    // The next life opens it again, to ship the rest, before it ends it.
    world.output.opened.clear();
    world.output.over.clear();
    world.output.ships = true;
    world.start();
    world.until([&] { return world.agent->tasks().empty(); });
    EXPECT_EQ(world.output.opened.size(), 1u);
    EXPECT_TRUE(world.output.kept.empty());
    EXPECT_EQ(world.disk.texts().size(), 1u);
}

TEST(AgentLeftovers, FilesAndOutputOfTasksThatNobodyKnowsGo) {
    World world;
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.wait([](World& on) -> awaitable<void> {
        (void)co_await on.disk.put_file(std::string(32, 'b'), "hosts", "");
    }(world));
    world.output.kept.insert(std::string(32, 'b') + "-0123456789");
    world.control.repeat();
    world.advance(seconds(5));
    for (const auto& [path, content] : world.disk.files()) EXPECT_NE(path.find(task.id), std::string::npos);
    EXPECT_EQ(world.output.kept, std::set<std::string>{container_id(task, "c0")});
}

TEST(AgentLeftovers, WhatHadStartedBeforeTheDiskWasLostIsNotStartedAgain) {
    World world;
    auto task = a_task('a', 2);
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.stop();
    world.disk.lose_everything();
    world.runtime.lose_everything();
    world.network.lose_everything();
    task.started = {"c0", "c1"};
    world.control.want(task);
    world.start();
    world.until_status(task.id, TaskStatus::STOPPED);
    EXPECT_EQ(world.runtime.starts_of(container_id(task, "c0")), 1);
    EXPECT_EQ(world.control.seen(task.id)->stop_reason, essential_exited_reason);
    EXPECT_NE(world.control.seen(task.id)->containers[0].reason, "");
}

TEST(AgentLeftovers, ARestartThatHadBegunWhenTheDiskWasLostIsFinished) {
    World world;
    auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.stop();
    world.disk.lose_everything();
    const auto id = container_id(task, "c0");
    world.runtime.end(id, 1);
    world.wait([](World& on, std::string container) -> awaitable<void> {
        (void)co_await on.runtime.reset(container);
    }(world, id));
    task.started = {"c0"};
    world.control.want(task);
    world.start();
    world.until([&] { return world.runtime.running() == std::vector<std::string>{id}; });
    EXPECT_EQ(world.control.status(task.id), TaskStatus::RUNNING);
}

TEST(AgentLeftovers, OutputOfContainersThatRunOnIsShippedAfterTheDiskWasLost) {
    World world;
    auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.stop();
    world.disk.lose_everything();
    world.output.opened.clear();
    task.started = {"c0"};
    world.control.want(task);
    world.start();
    world.until([&] { return world.output.opened.size() == 1; });
    world.advance(minutes(1));
    EXPECT_EQ(world.runtime.running().size(), 1u);
    EXPECT_EQ(world.control.status(task.id), TaskStatus::RUNNING);
}

TEST(AgentLeftovers, OutputEndsWithAContainerThatIsGoneFromTheMachine) {
    World world;
    auto task = a_task('a', 2);
    task.containers[1].essential = false;
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.runtime.end(container_id(task, "c1"), 0);
    world.advance(seconds(1));
    EXPECT_TRUE(world.output.over.empty());
    world.wait([](World& on) -> awaitable<void> {
        (void)co_await on.runtime.remove(container_id(a_task('a', 2), "c1"));
    }(world));
    world.stop();
    world.start();
    world.advance(seconds(1));
    EXPECT_EQ(world.output.over, std::set<std::string>{container_id(task, "c1")});
    EXPECT_EQ(world.control.status(task.id), TaskStatus::RUNNING);
}

TEST(AgentLeftovers, FactsThatTheDiskDidNotTakeAreWrittenLater) {
    World world;
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.disk.full = true;
    world.runtime.end(container_id(task, "c0"), 3);
    world.until_status(task.id, TaskStatus::STOPPED);
    world.disk.full = false;
    world.advance(seconds(5));
    const auto kept = decode_text<TaskFacts>(world.disk.texts().at("facts:" + task.id));
    ASSERT_TRUE(kept);
    EXPECT_TRUE(kept->stopped_at);
}

}  // namespace
}  // namespace gantry::worker
