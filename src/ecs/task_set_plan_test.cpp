#include "ecs/service_world_test.h"

namespace gantry::ecs::scheduler::testing {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class TaskSetPlanTest : public ::testing::Test {
  protected:
    TaskSetPlanTest() {
        world.placement.zones = {"a", "c"};
        world.service.desired = 2;
        world.keep_task_set();
    }
    ServicePlan step() {
        auto plan = world.plan();
        world.apply(plan);
        return plan;
    }
    void settle() {
        int quiet = 0;
        for (int i = 0; i < 200; ++i) {
            const auto plan = world.plan();
            quiet = plan.idle(world.service) && !plan.real_again ? quiet + 1 : 0;
            if (quiet == 4) return;
            world.apply(plan);
            world.progress(100);
            if (plan.real_again) world.pass(*plan.real_again - world.now.real);
        }
        FAIL() << "it does not come to rest";
    }
    bool steady() const { return world.service.told.steady; }

    ServiceWorld world{1};
};

TEST_F(TaskSetPlanTest, ItStartsItsTasksAndIsSteadyWhenTheyPass) {
    const auto plan = step();
    ASSERT_EQ(plan.starts.size(), 2u);
    EXPECT_EQ(plan.starts[0].zone, "a");
    EXPECT_EQ(plan.starts[1].zone, "c");
    EXPECT_FALSE(steady());
    settle();
    EXPECT_TRUE(steady());
    const std::vector<std::string> expected{"updated state to STEADY_STATE."};
    EXPECT_EQ(world.events, expected);
    EXPECT_TRUE(world.plan().idle(world.service));
}

// STEADY_STATE is said at once; that it served, which ends a row of failed starts, only later.
TEST_F(TaskSetPlanTest, WithoutChecksItIsSteadyAsSoonAsItsTasksRun) {
    world.checked = false;
    step();
    for (int i = 0; i < 2; ++i) world.progress(100);
    EXPECT_TRUE(step().served.empty());
    EXPECT_TRUE(steady());
    world.pass(kSettles);
    EXPECT_EQ(step().served.size(), 2u);
}

TEST_F(TaskSetPlanTest, AShareOfNoTaskIsSteady) {
    world.service.desired = 0;
    step();
    EXPECT_TRUE(steady());
}

TEST_F(TaskSetPlanTest, ItIsNotSteadyWhileACheckFailsOrATaskIsMissing) {
    settle();
    world.set_health(world.service.tasks[0], false);
    const auto plan = step();
    EXPECT_EQ(plan.starts.size(), 1u);
    EXPECT_TRUE(plan.stops.empty()) << "first its replacement";
    EXPECT_FALSE(steady());
    settle();
    EXPECT_TRUE(steady());
    EXPECT_EQ(world.service.tasks.size(), 2u);
    world.die(world.service.tasks[0].id);
    step();
    EXPECT_FALSE(steady());
    settle();
    EXPECT_TRUE(steady());
}

TEST_F(TaskSetPlanTest, OneThatStillRunsBeyondItsShareKeepsItFromBeingSteady) {
    settle();
    world.service.desired = 1;
    const auto plan = step();
    ASSERT_EQ(plan.stops.size(), 1u);
    step();
    EXPECT_FALSE(steady());
    world.progress(100);
    step();
    EXPECT_TRUE(steady());
}

TEST_F(TaskSetPlanTest, StartsThatFailComeLaterAndLater) {
    world.fates["1"].never_start = 100;
    for (int wave = 1; wave <= 4; ++wave) {
        ASSERT_EQ(step().starts.size(), 2u) << wave;
        world.progress(100);
        ASSERT_TRUE(world.service.tasks.empty());
        const auto plan = step();
        EXPECT_TRUE(plan.starts.empty());
        ASSERT_TRUE(plan.real_again);
        EXPECT_EQ(*plan.real_again - world.now.real, backoff(wave));
        world.pass(*plan.real_again - world.now.real);
    }
    EXPECT_EQ(world.primary().rollout, Rollout::completed) << "nothing is rolled back";
}

TEST_F(TaskSetPlanTest, DrainingItStopsEveryTaskProtectedOrNotAndThenItIsGone) {
    settle();
    world.service.tasks[0].is_protected = true;
    world.service.tasks[0].protected_until = world.now.policy + minutes(60);
    world.service.deleted = true;
    world.service.desired = 0;
    const auto plan = step();
    EXPECT_EQ(plan.stops.size(), 2u);
    EXPECT_FALSE(plan.deleted);
    EXPECT_FALSE(step().deleted);
    EXPECT_FALSE(steady());
    world.progress(100);
    EXPECT_TRUE(step().deleted);
}

}  // namespace
}  // namespace gantry::ecs::scheduler::testing
