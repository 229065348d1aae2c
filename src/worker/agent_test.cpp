#include <gtest/gtest.h>

#include <csignal>

#include "link/balancer_objects.h"
#include "worker/agent_fixture_test.h"
#include "worker/next_step.h"
#include "worker/stop_code.h"

namespace gantry::worker {
namespace {

TEST(Agent, RunsATaskReportsItAndStopsIt) {
    World world;
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    const auto* seen = world.control.seen(task.id);
    EXPECT_EQ(seen->containers.at(0).status, link::ContainerStatus::RUNNING);
    EXPECT_EQ(seen->containers.at(0).image_digest, "sha256:nginx");
    EXPECT_GE(*seen->pull_stopped_at - *seen->pull_started_at, milliseconds(500));
    EXPECT_EQ(world.network.attached().size(), 1u);
    const auto* spec = world.runtime.spec_of(container_id(task, "c0"));
    ASSERT_NE(spec, nullptr);
    EXPECT_EQ(spec->network_namespace, "/run/gantry/netns/eni-" + task.id);
    EXPECT_EQ(spec->stdout_path, "/out/" + spec->id);
    EXPECT_FALSE(world.disk.files().empty());

    world.control.want(stopped(task));
    world.until_status(task.id, TaskStatus::STOPPED);
    seen = world.control.seen(task.id);
    EXPECT_EQ(seen->containers.at(0).exit_code, 128 + SIGTERM);
    EXPECT_EQ(seen->stop_reason, "Task stopped by user");
    EXPECT_TRUE(seen->network_released);
    EXPECT_EQ(world.runtime.containers(), 0u);
    EXPECT_TRUE(world.runtime.tasks().empty());
    EXPECT_TRUE(world.network.attached().empty());

    world.control.drop("task", task.id);
    world.until([&] { return world.agent->tasks().empty() && world.control.settled(); });
    EXPECT_EQ(world.disk.texts().size(), 1u);  // its identity
    EXPECT_TRUE(world.disk.files().empty());
    EXPECT_EQ(world.output.over.size(), 1u);
    world.advance(seconds(5));
    EXPECT_GT(world.control.heartbeats, 0);
}

TEST(Agent, PullsOnceForManyAndUsesWhatIsHere) {
    World world;
    world.control.want(a_task('a'));
    world.until_status(a_task('a').id, TaskStatus::RUNNING);
    world.control.want(a_task('b'));
    world.until_status(a_task('b').id, TaskStatus::RUNNING);
    EXPECT_EQ(world.images.pulls_of("nginx"), 1);
}

TEST(Agent, ReportsAMissingImageInEcsWords) {
    World world;
    auto task = a_task('a');
    task.containers[0].image = "nonesuch";
    world.control.want(task);
    world.until_status(task.id, TaskStatus::STOPPED);
    const auto* seen = world.control.seen(task.id);
    EXPECT_EQ(seen->stop_code, failed_to_start_code);
    EXPECT_EQ(seen->stop_reason, "CannotPullContainerError: nonesuch: repository does not exist");
    EXPECT_EQ(seen->containers.at(0).reason, seen->stop_reason);
    EXPECT_FALSE(seen->containers.at(0).exit_code);
    EXPECT_EQ(seen->containers.at(0).status, link::ContainerStatus::STOPPED);
}

TEST(Agent, ReportsAMissingLogGroup) {
    World world;
    auto task = a_task('a');
    task.containers[0].log.options["no-group"] = "";
    world.control.want(task);
    world.until_status(task.id, TaskStatus::STOPPED);
    EXPECT_EQ(
        world.control.seen(task.id)->stop_reason,
        "ResourceInitializationError: The specified log group does not exist."
    );
}

TEST(Agent, SaysWhyAContainerCouldNotStart) {
    World world;
    sim::Program broken;
    broken.start_error = Error{Errc::refused, "CannotStartContainerError", "nope: no such file"};
    world.runtime.set_program("nginx", broken);
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::STOPPED);
    EXPECT_EQ(world.control.seen(task.id)->stop_reason, "CannotStartContainerError: nope: no such file");
}

TEST(Agent, StubbornContainersAreKilledAfterStopTimeout) {
    World world;
    sim::Program stubborn;
    stubborn.ignores_signals = true;
    world.runtime.set_program("nginx", stubborn);
    auto task = a_task('a');
    task.containers[0].stop_timeout_s = 7;
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.control.want(stopped(task));
    const auto took = world.until([&] { return world.control.status(task.id) == TaskStatus::STOPPED; });
    EXPECT_GE(took, seconds(7));
    EXPECT_LT(took, seconds(9));
    EXPECT_EQ(world.control.seen(task.id)->containers.at(0).exit_code, 137);
}

TEST(Agent, UnhealthyContainersAreReported) {
    World world;
    sim::Program sick;
    sick.healthy = false;
    world.runtime.set_program("nginx", sick);
    auto task = a_task('a');
    task.containers[0].health_check = link::HealthCheck{{"CMD-SHELL", "exit 1"}, 10, 5, 2, {}};
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    EXPECT_EQ(world.control.seen(task.id)->health, link::HealthStatus::UNKNOWN);
    const auto took =
        world.until([&] { return world.control.seen(task.id)->health == link::HealthStatus::UNHEALTHY; });
    EXPECT_GE(took, seconds(19));
    EXPECT_LT(took, seconds(22));
    EXPECT_EQ(world.control.status(task.id), TaskStatus::RUNNING);
}

TEST(Agent, AdoptsWhatRunsAfterARestart) {
    World world;
    const auto task = a_task('a', 2);
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    const auto before = world.control.hello.incarnation;
    world.stop();
    world.advance(minutes(5));
    world.start();
    world.until([&] { return world.control.hellos == 2; });
    world.advance(minutes(1));
    EXPECT_GT(world.control.hello.incarnation, before);
    EXPECT_EQ(world.control.status(task.id), TaskStatus::RUNNING);
    for (const char* name : {"c0", "c1"}) {
        EXPECT_EQ(world.runtime.starts_of(container_id(task, name)), 1);
        EXPECT_EQ(world.output.opened[container_id(task, name)], 2);
    }
    EXPECT_TRUE(world.runtime.signals.empty());
}

TEST(Agent, ReportsTheExitCodeOfAContainerThatDiedMeanwhile) {
    World world;
    const auto task = a_task('a', 2);
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.stop();
    world.advance(seconds(30));
    world.runtime.end(container_id(task, "c1"), 42);
    const auto died_at = world.clock.now();
    world.advance(minutes(1));
    world.start();
    world.until_status(task.id, TaskStatus::STOPPED);
    const auto* seen = world.control.seen(task.id);
    EXPECT_EQ(seen->containers.at(1).exit_code, 42);
    EXPECT_EQ(seen->containers.at(1).finished_at, died_at);
    EXPECT_EQ(seen->stop_code, essential_exited_code);
}

TEST(Agent, TasksOfALostMachineStop) {
    World world;
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.stop();
    world.runtime.lose_everything();
    world.network.lose_everything();
    world.start();
    world.until_status(task.id, TaskStatus::STOPPED);
    EXPECT_FALSE(world.control.seen(task.id)->containers.at(0).exit_code);
    EXPECT_TRUE(world.network.attached().empty());
}

TEST(Agent, TasksRunOnWhileTheControlPlaneIsAway) {
    World world;
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.wire.cut(true);
    world.advance(minutes(2));
    EXPECT_FALSE(world.agent->connected());
    world.runtime.end(container_id(task, "c0"), 3);
    world.advance(minutes(1));
    world.wire.cut(false);
    world.until_status(task.id, TaskStatus::STOPPED);
    EXPECT_EQ(world.control.seen(task.id)->containers.at(0).exit_code, 3);
}

TEST(Agent, RepeatsReportsUntilTheyAreAcknowledged) {
    World world;
    world.control.acknowledges = false;
    world.control.want(a_task('a'));
    world.until_status(a_task('a').id, TaskStatus::RUNNING);
    world.advance(seconds(10));
    EXPECT_EQ(world.agent->unacknowledged_reports(), 1u);
    world.control.acknowledges = true;
    world.advance(seconds(5));
    EXPECT_EQ(world.agent->unacknowledged_reports(), 0u);
}

TEST(Agent, RemovesLeftoversThatNobodyOwns) {
    World world;
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.stop();
    world.disk.lose_everything();
    world.control.drop("task", task.id);
    world.start();
    world.until([&] { return world.runtime.containers() == 0 && world.network.attached().empty(); });
    EXPECT_TRUE(world.runtime.tasks().empty());
}

TEST(Agent, ALostDiskIsFilledAgainAndTasksGoOn) {
    World world;
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.stop();
    world.disk.lose_everything();
    world.start();
    world.until([&] {
        return world.agent->tasks().size() == 1 && world.agent->tasks().begin()->second->facts().started_at;
    });
    world.advance(minutes(1));
    EXPECT_EQ(world.runtime.starts_of(container_id(task, "c0")), 1);
    EXPECT_EQ(world.runtime.running().size(), 1u);
}

TEST(Agent, AppliesTheNetworkPolicyBeforeContainersStart) {
    World world;
    world.control.want("vpc", "vpc-1", encode(link::Vpc{"vpc-1", {"172.31.0.0/16"}}).as_object());
    world.control.want(
        "security_group", "sg-1",
        encode(link::SecurityGroup{"sg-1", {{"tcp", 80, 80, "0.0.0.0/0", ""}}, {}}).as_object()
    );
    const auto task = a_task('a');
    const link::Eni eni{task.eni.id, task.eni.address, "vpc-1", {"sg-1"}, false};
    world.control.want("eni", eni.id, encode(eni).as_object());
    world.control.want(task);
    world.until([&] { return world.runtime.running().size() == 1; });
    ASSERT_EQ(world.network.policy().enis.size(), 1u);
    EXPECT_EQ(world.network.policy().enis[0].groups, std::vector<std::string>{"sg-1"});
    world.control.drop("eni", eni.id);
    world.until([&] { return world.network.policy().enis.empty(); });
}

// While the worker was away the drain ended: it hears of that and of the stop in one breath.
void signalled_out_of_traffic(std::uint64_t seed) {
    SCOPED_TRACE(seed);
    World world(seed);
    auto task = a_task('a');
    task.target_groups = {"g"};
    link::LoadBalancer balancer;
    balancer.id = "lb";
    balancer.type = "network";
    balancer.host_address = "127.64.0.1";
    balancer.addresses = {{"a", "eni-lb", "10.0.0.1"}};
    auto& listener = balancer.listeners.emplace_back();
    listener.protocol = "TCP";
    listener.port = 8081;
    listener.default_action.groups = {{"g", 1}};
    link::TargetGroup group;
    group.id = "g";
    group.protocol = "TCP";
    group.health_check.enabled = false;
    group.targets = {{task.eni.address, 80, "a", link::TargetState::healthy, "r1"}};
    const auto sends = [&] {
        for (const auto& address : world.network.policy().balancers)
            for (const auto& one : address.listeners)
                if (!one.targets.empty()) return true;
        return false;
    };
    world.control.want("vpc", "vpc-1", encode(link::Vpc{"vpc-1", {"172.31.0.0/16"}}).as_object());
    world.control.want("eni", "eni-lb", encode(link::Eni{"eni-lb", "10.0.0.1", "vpc-1", {}, false}).as_object());
    world.control.want("load_balancer", "lb", encode(balancer).as_object());
    world.control.want("target_group", "g", encode(group).as_object());
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.until(sends);

    world.stop();
    group.targets.clear();
    world.control.want(stopped(task));
    world.control.want("target_group", "g", encode(group).as_object());
    world.faults.rates.slow = 1'000;
    world.start();
    world.until([&] { return !world.runtime.signals.empty(); });
    EXPECT_FALSE(sends());
}

TEST(Agent, ATaskIsSignalledOnlyWhenNoBalancerSendsToIt) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) signalled_out_of_traffic(seed);
}

TEST(Agent, AFullDiskStopsNothing) {
    World world;
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.disk.full = true;
    world.control.want(a_task('b'));
    world.advance(seconds(20));
    EXPECT_EQ(world.control.status(task.id), TaskStatus::RUNNING);
    world.disk.full = false;
    world.until_status(a_task('b').id, TaskStatus::RUNNING);
}

}  // namespace
}  // namespace gantry::worker
