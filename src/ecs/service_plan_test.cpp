#include "ecs/service_plan.h"

#include "ecs/service_world_test.h"

namespace gantry::ecs::scheduler::testing {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class ServicePlanTest : public ::testing::Test {
  protected:
    ServicePlanTest() {
        world.placement.zones = {"a", "c"};
        world.service.desired = 2;
    }

    // Plans and applies once.
    ServicePlan step() {
        auto plan = world.plan();
        world.apply(plan);
        return plan;
    }
    // Until nothing is to be done; whatever is on its way arrives.
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
    void scale_and_settle(int desired) {
        world.service.desired = desired;
        settle();
        world.events.clear();
    }
    Task& task(std::size_t which) { return world.service.tasks.at(which); }
    std::string zones() {
        std::string text;
        for (const auto& task : world.service.tasks)
            if (!task.stopping) text += task.zone;
        std::sort(text.begin(), text.end());
        return text;
    }
    bool told(const std::string& event) {
        return std::count(world.events.begin(), world.events.end(), event) > 0;
    }

    ServiceWorld world{1};
};

TEST_F(ServicePlanTest, ANewServiceStartsItsTasksOverZonesAndSaysWhenItIsSteady) {
    world.deploy();
    const auto plan = step();
    ASSERT_EQ(plan.starts.size(), 2u);
    EXPECT_EQ(plan.starts[0].zone, "a");
    EXPECT_EQ(plan.starts[1].zone, "c");
    EXPECT_TRUE(world.plan().idle(world.service));
    settle();
    EXPECT_EQ(world.primary().rollout, Rollout::completed);
    EXPECT_EQ(world.primary().reason, "ECS deployment ecs-svc/1 completed.");
    const std::vector<std::string> expected{
        "(deployment ecs-svc/1) deployment completed.", "has reached a steady state."
    };
    EXPECT_EQ(world.events, expected);
}

TEST_F(ServicePlanTest, AServiceOfNoTasksIsSteadyAtOnce) {
    world.service.desired = 0;
    world.deploy();
    step();
    EXPECT_TRUE(told("has reached a steady state."));
    EXPECT_TRUE(world.plan().idle(world.service));
}

TEST_F(ServicePlanTest, RollsBySurgeWhereTheMaximumAllows) {
    world.deploy();
    settle();
    const auto old = world.primary().id;
    const auto fresh = world.deploy();
    auto plan = step();
    EXPECT_EQ(plan.starts.size(), 2u);
    EXPECT_TRUE(plan.stops.empty());
    // One of the new ones serves: one of the old ones goes, and no more.
    task(2).running = true;
    task(2).running_since = world.now.real;
    task(2).health = Health::healthy;
    plan = step();
    ASSERT_EQ(plan.stops.size(), 1u);
    EXPECT_EQ(plan.stops[0].reason, "Scaling activity initiated by (deployment ecs-svc/" + fresh + ")");
    EXPECT_FALSE(plan.stops[0].hung);
    EXPECT_TRUE(plan.starts.empty());
    EXPECT_TRUE(world.plan().idle(world.service));
    settle();
    EXPECT_EQ(world.service.deployments.size(), 1u);
    EXPECT_EQ(zones(), "ac");
}

TEST_F(ServicePlanTest, RollsInPlaceWhereTheMaximumLeavesNoRoom) {
    world.service.minimum_percent = 50;
    world.service.maximum_percent = 100;
    world.deploy();
    scale_and_settle(5);
    world.deploy();
    // 50 % of 5 is 3, rounded up: two may go, and two come in the same step.
    const auto plan = step();
    EXPECT_EQ(plan.stops.size(), 2u);
    EXPECT_EQ(plan.starts.size(), 2u);
    EXPECT_TRUE(world.plan().idle(world.service));
    settle();
    EXPECT_TRUE(told("has reached a steady state."));
}

TEST_F(ServicePlanTest, SaysOnceThatItsConfigurationBlocksIt) {
    world.service.maximum_percent = 100;
    world.deploy();
    settle();
    world.deploy();
    step();
    EXPECT_TRUE(
        told("was unable to stop or start tasks during a deployment because of the service deployment "
             "configuration. Update the minimumHealthyPercent or maximumPercent value and try again.")
    );
    EXPECT_TRUE(world.plan().idle(world.service));
}

TEST_F(ServicePlanTest, AnUnhealthyTaskIsReplacedBeforeItIsStopped) {
    world.deploy();
    settle();
    world.set_health(task(0), false);
    auto plan = step();
    EXPECT_EQ(plan.starts.size(), 1u);
    EXPECT_TRUE(plan.stops.empty());
    EXPECT_TRUE(world.plan().idle(world.service));
    const auto unhealthy = task(0).id;
    task(2).running = true;
    task(2).running_since = world.now.real;
    task(2).health = Health::healthy;
    plan = step();
    ASSERT_EQ(plan.stops.size(), 1u);
    EXPECT_EQ(plan.stops[0].task, unhealthy);
    EXPECT_EQ(plan.stops[0].reason, "Task failed ELB health checks in (target-group x)");
    EXPECT_TRUE(plan.stops[0].hung);
    EXPECT_EQ(plan.stops[0].event, "(task " + unhealthy + ") is unhealthy");
}

TEST_F(ServicePlanTest, UnhealthyTasksGoOneByOneWhereTheMaximumIsReached) {
    world.service.maximum_percent = 100;
    world.service.minimum_percent = 50;
    world.deploy();
    scale_and_settle(4);
    world.set_health(task(0), false);
    world.set_health(task(1), false);
    const auto plan = step();
    EXPECT_EQ(plan.stops.size(), 1u);
    EXPECT_EQ(plan.starts.size(), 1u);
    EXPECT_TRUE(world.plan().idle(world.service));
}

TEST_F(ServicePlanTest, ATaskThatRecoversKeepsItsPlace) {
    world.deploy();
    settle();
    world.set_health(task(0), false);
    step();
    world.set_health(task(0), true);
    const auto plan = step();
    ASSERT_EQ(plan.stops.size(), 1u);
    EXPECT_EQ(plan.stops[0].task, task(2).id);
    EXPECT_TRUE(world.plan().idle(world.service));
}

TEST_F(ServicePlanTest, ChecksDoNotCountDuringTheGracePeriod) {
    world.service.grace = seconds(60);
    world.deploy();
    step();
    for (auto& one : world.service.tasks) {
        one.running = true;
        one.running_since = world.now.real;
        world.set_health(one, false);
    }
    const auto plan = world.plan();
    EXPECT_TRUE(plan.idle(world.service));
    EXPECT_EQ(plan.real_again, world.now.real + seconds(60));
    world.pass(seconds(60));
    EXPECT_EQ(world.plan().starts.size(), 2u);
}

TEST_F(ServicePlanTest, ATaskWithoutChecksCountsAfterFortySeconds) {
    world.checked = false;
    world.deploy();
    step();
    world.progress(100);
    const auto plan = world.plan();
    EXPECT_TRUE(plan.idle(world.service));
    EXPECT_EQ(plan.real_again, world.now.real + seconds(40));
    world.pass(seconds(40));
    step();
    EXPECT_TRUE(told("has reached a steady state."));
}

TEST_F(ServicePlanTest, TheCircuitBreakerRollsBack) {
    world.service.breaks_circuit = world.service.rolls_back = true;
    world.deploy();
    settle();
    const auto good = world.primary().id;
    const auto bad = world.deploy({100, 0});
    settle();
    EXPECT_EQ(world.primary().id, good);
    EXPECT_EQ(world.primary().rollout, Rollout::completed);
    EXPECT_EQ(world.service.deployments.size(), 1u);
    EXPECT_TRUE(told("(deployment ecs-svc/" + bad + ") deployment failed: tasks failed to start."));
    EXPECT_TRUE(told("rolling back to deployment ecs-svc/" + good + "."));
}

TEST_F(ServicePlanTest, WithoutRollbackAFailedDeploymentStartsNothingMore) {
    world.service.breaks_circuit = true;
    world.deploy();
    settle();
    world.deploy({100, 0});
    settle();
    EXPECT_EQ(world.primary().rollout, Rollout::failed);
    EXPECT_EQ(world.primary().reason, "ECS deployment circuit breaker: tasks failed to start.");
    EXPECT_EQ(world.primary().failed_tasks, 4);  // two waves of two; the threshold is three
    // The old ones go on, and one that dies is replaced by its like.
    EXPECT_EQ(world.census().all.serving, 2);
    world.die(task(0).id);
    const auto plan = step();
    ASSERT_EQ(plan.starts.size(), 1u);
    EXPECT_EQ(plan.starts[0].deployment, "1");
}

TEST_F(ServicePlanTest, ThresholdOfTheCircuitBreaker) {
    EXPECT_EQ(failure_threshold(0), 3);
    EXPECT_EQ(failure_threshold(6), 3);
    EXPECT_EQ(failure_threshold(7), 4);
    EXPECT_EQ(failure_threshold(25), 13);
    EXPECT_EQ(failure_threshold(1'000), 200);
}

TEST_F(ServicePlanTest, StartsThatFailBackOffUntilANewRevisionComes) {
    world.deploy({100, 0});
    std::vector<Duration> waits;
    for (int wave = 0; wave < 14; ++wave) {
        ASSERT_EQ(step().starts.size(), 2u);
        world.progress(100);
        const auto plan = step();
        ASSERT_TRUE(plan.starts.empty());
        ASSERT_TRUE(plan.real_again);
        waits.push_back(*plan.real_again - world.now.real);
        world.pass(waits.back());
    }
    EXPECT_EQ(waits[0], seconds(1));
    EXPECT_EQ(waits[1], seconds(2));
    EXPECT_EQ(waits[13], minutes(27));
    EXPECT_TRUE(told("is unable to consistently start tasks successfully."));
    world.deploy();
    EXPECT_EQ(step().starts.size(), 2u);
}

TEST_F(ServicePlanTest, TheLastCompletedRevisionStandsInWhileTheNewOneIsUnproven) {
    world.deploy();
    settle();
    world.deploy({100, 0});
    step();
    world.die(task(0).id);
    const auto plan = step();
    ASSERT_EQ(plan.starts.size(), 1u);
    EXPECT_EQ(plan.starts[0].deployment, "1");
    EXPECT_TRUE(world.plan().idle(world.service));
}

TEST_F(ServicePlanTest, ARevisionThatDoesNotServeStandsInForNothing) {
    world.deploy();
    settle();
    for (auto& one : world.service.tasks) world.set_health(one, false);
    world.deploy();
    const auto plan = step();
    ASSERT_EQ(plan.starts.size(), 2u);
    for (const auto& start : plan.starts) EXPECT_EQ(start.deployment, "2");
}

TEST_F(ServicePlanTest, ScalesInFromTheFullestZoneAndSparesTheProtected) {
    world.placement.zones = {"a"};
    world.deploy();
    scale_and_settle(3);
    world.service.placements["1"].zones = {"c"};
    scale_and_settle(5);
    EXPECT_EQ(zones(), "aaacc");
    task(0).is_protected = task(1).is_protected = true;
    task(0).protected_until = task(1).protected_until = world.now.policy + minutes(10);
    const auto kept = std::vector{task(0).id, task(1).id};
    scale_and_settle(2);
    EXPECT_EQ(zones(), "aa");
    EXPECT_EQ((std::vector{task(0).id, task(1).id}), kept);
    world.service.desired = 1;
    const auto plan = step();
    EXPECT_TRUE(plan.stops.empty());
    EXPECT_EQ(plan.policy_again, world.now.policy + minutes(10));
}

TEST_F(ServicePlanTest, ScalesInWhatDoesNotServeFirst) {
    world.deploy();
    settle();
    world.service.desired = 4;
    step();
    world.service.desired = 2;
    const auto plan = step();
    ASSERT_EQ(plan.stops.size(), 2u);
    for (const auto& stop : plan.stops) EXPECT_TRUE(stop.task == task(2).id || stop.task == task(3).id);
}

TEST_F(ServicePlanTest, CapacityProvidersByBaseAndWeight) {
    world.placement.providers = {{"FARGATE", 2, 1}, {"FARGATE_SPOT", 0, 3}};
    world.deploy();
    scale_and_settle(6);
    std::map<std::string, int> by;
    for (const auto& one : world.service.tasks) ++by[one.provider];
    EXPECT_EQ(by["FARGATE"], 3);
    EXPECT_EQ(by["FARGATE_SPOT"], 3);
}

TEST_F(ServicePlanTest, RebalancesZonesOneTaskAfterTheOther) {
    world.service.rebalances = true;
    world.placement.zones = {"a"};
    world.deploy();
    scale_and_settle(4);
    world.service.placements["1"].zones = {"a", "c"};
    settle();
    EXPECT_EQ(zones(), "aacc");
    EXPECT_TRUE(told("is not AZ balanced with 4 tasks in a, 0 tasks in c. AZ Rebalancing in progress."));
    EXPECT_TRUE(told("is AZ balanced with 2 tasks in a, 2 tasks in c."));
    EXPECT_EQ(world.starts, 6);
}

TEST_F(ServicePlanTest, WhatDoesNotFitStaysUnplacedAndIsToldOnce) {
    world.service.no_room = true;
    world.deploy();
    step();
    const auto plan = step();
    ASSERT_EQ(plan.events.size(), 1u);
    EXPECT_TRUE(plan.events[0].starts_with("was unable to place a task. Reason: Capacity is unavailable"));
    EXPECT_TRUE(world.plan().idle(world.service));
    world.service.no_room = false;
    settle();
    EXPECT_TRUE(told("has reached a steady state."));
}

TEST_F(ServicePlanTest, WithoutRoomForNewTasksOldOnesGoDownToTheMinimum) {
    world.service.minimum_percent = 50;
    world.deploy();
    settle();
    world.service.no_room = true;
    world.deploy();
    step();
    EXPECT_EQ(step().stops.size(), 1u);
    EXPECT_TRUE(world.plan().idle(world.service));
}

TEST_F(ServicePlanTest, AFlapOfAllChecksDuringARollDoesNotEmptyTheService) {
    world.deploy();
    scale_and_settle(4);
    world.deploy();
    step();
    for (auto& one : world.service.tasks)
        if (one.running) world.set_health(one, false);
    const auto plan = step();
    EXPECT_TRUE(plan.stops.empty());
}

TEST_F(ServicePlanTest, ADeletedServiceStopsEverythingAndThenIsGone) {
    world.deploy();
    settle();
    task(0).is_protected = true;
    world.service.deleted = true;
    EXPECT_EQ(step().stops.size(), 2u);
    EXPECT_FALSE(world.plan().deleted);
    world.progress(100);
    EXPECT_TRUE(world.plan().deleted);
}

TEST_F(ServicePlanTest, AUserTakesADeploymentBack) {
    world.deploy();
    settle();
    world.deploy();
    step();
    world.service.rollback_requested = true;
    const auto plan = step();
    EXPECT_EQ(plan.rolled_back_to, "1");
    EXPECT_EQ(plan.stops.size(), 2u);
    settle();
    EXPECT_EQ(world.primary().id, "1");
}

}  // namespace
}  // namespace gantry::ecs::scheduler::testing
