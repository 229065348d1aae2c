#include "ecs/service_usage.h"

#include "ecs/state_fixture.h"
#include "ecs/task.h"

namespace gantry::ecs::testing {
namespace {

using ServiceUsageTest = EcsTest;

TEST_F(ServiceUsageTest, PercentOfWhatTheTaskReserved) {
    state::Txn txn(database, turn);
    for (const char letter : {'a', 'b', 'c'}) {
        TaskRecord task;
        task.scope = caller.scope();
        task.cluster = "boats";
        task.id = std::string(32, letter);
        task.group = letter == 'c' ? "family:x" : "service:web";
        task.cpu = "256";
        task.memory = "512";
        task.last_status = link::TaskStatus::RUNNING;
        txn.put(task);
    }
    txn.finish();
    link::Usage usage;
    // A quarter of a core is all that it has; 128 of 512 MiB.
    usage.tasks.push_back({std::string(32, 'a'), 20'000, 5'000'000'000, 128u << 20});
    usage.tasks.push_back({std::string(32, 'b'), 20'000, 1'000'000'000, 256u << 20});
    usage.tasks.push_back({std::string(32, 'c'), 20'000, 5'000'000'000, 128u << 20});
    usage.tasks.push_back({std::string(32, 'd'), 20'000, 5'000'000'000, 128u << 20});
    const auto all = service_usage(state::View(database), usage);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].name.space, "AWS/ECS");
    EXPECT_EQ(all[0].name.account + "/" + all[0].name.region + "/", caller.scope());
    EXPECT_EQ(all[0].name.name, "CPUUtilization");
    EXPECT_EQ(all[0].name.dimensions, (metric::Dimensions{{"ClusterName", "boats"}, {"ServiceName", "web"}}));
    EXPECT_EQ(all[0].unit, "Percent");
    EXPECT_DOUBLE_EQ(all[0].values.max(), 100);
    EXPECT_DOUBLE_EQ(all[0].values.average(), 60);
    EXPECT_EQ(all[1].name.name, "MemoryUtilization");
    EXPECT_DOUBLE_EQ(all[1].values.average(), 37.5);
}

}  // namespace
}  // namespace gantry::ecs::testing
