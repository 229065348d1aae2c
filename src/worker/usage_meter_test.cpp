#include "worker/usage_meter.h"

#include <gtest/gtest.h>

#include "worker/agent_fixture_test.h"

namespace gantry::worker {
namespace {

port::Stats reading(std::int64_t at_ms, std::uint64_t cpu_ns) {
    port::Stats stats;
    stats.read_at = RealInstant{at_ms};
    stats.cpu_ns = cpu_ns;
    stats.memory_bytes = 3'000;
    stats.memory_inactive_file_bytes = 1'000;
    return stats;
}

TEST(UsageMeter, TellsWhatWasUsedBetweenTwoReadings) {
    UsageMeter meter;
    EXPECT_FALSE(meter.read("a", reading(1'000, 500)));
    EXPECT_EQ(meter.read("a", reading(3'000, 700)), (link::TaskUsage{"a", 2'000, 200, 2'000}));
    EXPECT_FALSE(meter.read("a", reading(3'000, 700))) << "no time has passed";
    EXPECT_FALSE(meter.read("a", reading(4'000, 100))) << "its containers are others";
    EXPECT_EQ(meter.read("a", reading(5'000, 100)), (link::TaskUsage{"a", 1'000, 0, 2'000}));
    auto busy = reading(6'000, 100);
    busy.read_bytes = 700;
    EXPECT_EQ(meter.read("a", busy, {.received_bytes = 30, .sent_bytes = 40}), (link::TaskUsage{"a", 1'000, 0, 2'000, 30, 40, 700, 0}));
    EXPECT_EQ(meter.read("a", reading(7'000, 100)), (link::TaskUsage{"a", 1'000, 0, 2'000})) << "an interface that is gone";
    meter.keep({"b"});
    EXPECT_FALSE(meter.read("a", reading(8'000, 900)));
}

TEST(Agent, TellsWhatRunningTasksUseAsOftenAsItIsAsked) {
    World world;
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.control.measure_every(Duration{500});
    world.advance(std::chrono::seconds(5));
    EXPECT_GE(world.control.usages.size(), 8u);
    EXPECT_LE(world.control.usages.size(), 11u);
    EXPECT_EQ(world.control.usages.back().tasks.at(0).task, task.id);
    world.control.want(stopped(task));
    world.until_status(task.id, TaskStatus::STOPPED);
    const auto told = world.control.usages.size();
    world.advance(std::chrono::seconds(5));
    EXPECT_EQ(world.control.usages.size(), told);
}

}  // namespace
}  // namespace gantry::worker
