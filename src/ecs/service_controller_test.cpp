#include <algorithm>

#include "ecs/service_controller.h"

#include "ecs/controller_fixture.h"
#include "elbv2/listener.h"
#include "elbv2/load_balancer.h"
#include "elbv2/target.h"
#include "elbv2/target_group.h"

namespace gantry::ecs::testing {
namespace {

using link::TaskStatus;
using std::chrono::seconds;

class ServiceControllerTest : public ServiceTest {};

TEST_F(ServiceControllerTest, TasksAreMadeAsTheServiceSaysAndAreTold) {
    prepare_service(2);
    change_service([](ServiceRecord& service) {
        service.managed_tags = true;
        service.propagate_tags = "SERVICE";
        service.tags = {{"team", "blue"}};
    });
    settle();
    const auto made = tasks();
    ASSERT_EQ(made.size(), 2u);
    for (const auto& task : made) {
        EXPECT_EQ(task->group, "service:web");
        EXPECT_EQ(task->started_by, "ecs-svc/" + service()->primary);
        EXPECT_EQ(task->worker, "worker-1");
        EXPECT_FALSE(task->interface.id.empty());
        EXPECT_EQ(task->tags.size(), 3u);
    }
    EXPECT_TRUE(told("(service web) has started 2 tasks: (task "));
    EXPECT_EQ(way()->status, ServiceDeploymentStatus::IN_PROGRESS);
    come_to_rest();
    EXPECT_EQ(events().back(), "(service web) has reached a steady state.");
    EXPECT_TRUE(told("(deployment ecs-svc/" + service()->primary + ") deployment completed."));
    EXPECT_EQ(way()->status, ServiceDeploymentStatus::SUCCESSFUL);
    EXPECT_EQ(way()->target.running, 2);
    EXPECT_EQ(deployments().front()->rollout_state, RolloutState::COMPLETED);
}

TEST_F(ServiceControllerTest, ATaskThatDiesIsReplacedAndOneThatAUserStopsToo) {
    prepare_service(2);
    come_to_rest();
    const auto before = tasks();
    die(*before[0]);
    ASSERT_TRUE(ask(stop_task, R"({"task":")" + before[1]->id + R"("})"));
    come_to_rest();
    EXPECT_EQ(tasks().size(), 2u);
    for (const auto& task : tasks()) EXPECT_EQ(task->last_status, TaskStatus::RUNNING);
    EXPECT_EQ(deployments().front()->failed_launches, 0);
    EXPECT_EQ(task(before[1]->id)->stop_code, "UserInitiated");
}

TEST_F(ServiceControllerTest, ScalesAndRolls) {
    prepare_service(2);
    come_to_rest();
    change_service([](ServiceRecord& service) { service.desired_count = 5; });
    come_to_rest();
    EXPECT_EQ(tasks().size(), 5u);
    const auto fresh = deploy();
    come_to_rest();
    ASSERT_EQ(tasks().size(), 5u);
    for (const auto& task : tasks()) EXPECT_EQ(task->started_by, "ecs-svc/" + fresh);
    EXPECT_EQ(deployments().size(), 1u);
    change_service([](ServiceRecord& service) { service.desired_count = 1; });
    come_to_rest();
    EXPECT_EQ(tasks().size(), 1u);
    EXPECT_TRUE(told("has stopped 4 running tasks: (task "));
    EXPECT_FALSE(controllers_once());
}

TEST_F(ServiceControllerTest, TheCircuitBreakerGoesBackToWhatWorked) {
    prepare_service(2);
    change_service([](ServiceRecord& service) {
        auto& breaker = service.deployment_configuration.deployment_circuit_breaker.emplace();
        breaker.enable = breaker.rollback = true;
    });
    come_to_rest();
    const auto good = service()->primary;
    const auto bad = deploy();
    for (int wave = 0; wave < 20 && service()->primary == bad; ++wave) {
        settle();
        for (const auto& task : tasks())
            if (task->started_by == "ecs-svc/" + bad && !task->stopping()) die(*task, "TaskFailedToStart");
        pass(seconds(5));
    }
    EXPECT_EQ(service()->primary, good);
    come_to_rest();
    EXPECT_EQ(way()->status, ServiceDeploymentStatus::ROLLBACK_SUCCESSFUL);
    EXPECT_EQ(way()->breaker, BreakerStatus::TRIGGERED);
    EXPECT_EQ(way()->breaker_failures, 4);
    EXPECT_EQ(way()->rollback_to, good);
    EXPECT_EQ(deployments().size(), 1u);
    EXPECT_TRUE(told("rolling back to deployment ecs-svc/" + good + "."));
}

TEST_F(ServiceControllerTest, ADeletedServiceBecomesInactiveWhenItsLastTaskIsGone) {
    prepare_service(3);
    come_to_rest();
    change_service([](ServiceRecord& service) {
        service.status = ServiceStatus::DRAINING;
        service.desired_count = 0;
    });
    settle();
    EXPECT_EQ(service()->status, ServiceStatus::DRAINING);
    come_to_rest();
    EXPECT_EQ(service()->status, ServiceStatus::INACTIVE);
    EXPECT_TRUE(tasks().empty());
    EXPECT_TRUE(deployments().empty());
}

TEST_F(ServiceControllerTest, AServiceGoesOnWhenItsDefinitionIsDeregistered) {
    prepare_service(1);
    come_to_rest();
    ASSERT_TRUE(ask(deregister_task_definition, R"({"taskDefinition":"test-nginx:1"})"));
    die(*tasks().front());
    come_to_rest();
    EXPECT_EQ(tasks().size(), 1u);
}

TEST_F(ServiceControllerTest, ManyTasksComeAndGoInStepsThatFitATransaction) {
    prepare_service(150);
    come_to_rest();
    EXPECT_EQ(tasks().size(), 150u);
    EXPECT_EQ(events().size(), 8u);  // six steps of starts, completed, steady
    change_service([](ServiceRecord& service) { service.desired_count = 0; });
    come_to_rest();
    EXPECT_TRUE(tasks().empty());
}

TEST_F(ServiceControllerTest, OnlyWhatMattersMakesItLookAgain) {
    prepare_service(1);
    come_to_rest();
    const ServiceController controller;
    const auto task = tasks().front();
    const auto looks = [&](const TaskRecord& after) {
        state::Change change{
            database.schema().table_of<TaskRecord>(), task->key(), task,
            std::make_shared<const TaskRecord>(after)
        };
        int count = 0;
        controller.affected(state::View(database), change, [&](const std::string& service) {
            EXPECT_EQ(service, key());
            ++count;
        });
        return count;
    };
    TaskRecord after = *task;
    after.report_sequence = 99;
    after.containers.clear();
    EXPECT_EQ(looks(after), 0);
    after.health = link::HealthStatus::UNHEALTHY;
    EXPECT_EQ(looks(after), 1);
}

// The service's tasks are targets of one group.
class ServiceBehindABalancerTest : public ServiceTest {
  protected:
    // A network balancer in the service's zone whose listener forwards to the group "blue".
    void prepare_behind(int desired) {
        prepare_service(0);
        come_to_rest();
        elbv2::TargetGroupRecord group;
        group.account = caller.account;
        group.region = caller.region;
        group.id = "0123456789abcdef";
        group.name = "blue";
        group.protocol = "TCP";
        group.port = 80;
        group.health_check.protocol = "TCP";
        elbv2::LoadBalancerRecord balancer;
        balancer.account = caller.account;
        balancer.region = caller.region;
        balancer.id = "fedcba9876543210";
        balancer.name = "front";
        balancer.type = "network";
        const auto subnets = state::View(database).list<ec2::SubnetRecord>(caller.scope());
        balancer.zones = {{subnets.front()->zone, subnets.front()->id, "eni-1", "172.31.0.9"}};
        elbv2::ListenerRecord listener;
        listener.account = caller.account;
        listener.region = caller.region;
        listener.balancer = balancer.id;
        listener.id = "0000000000000001";
        listener.protocol = "TCP";
        listener.port = 8081;
        listener.actions.emplace_back().type = "forward";
        listener.actions.front().target_group_arn = group.arn();
        group_ = group.key();
        arn_ = group.arn();
        write([&](state::Txn& txn) {
            txn.put(group);
            txn.put(balancer);
            txn.put(listener);
        });
        change_service([&](ServiceRecord& service) { service.desired_count = desired; });
        roll();
    }
    void roll() { deploy({{group_, arn_, "test-nginx", 80}}); }
    std::vector<state::Pinned<elbv2::TargetRecord>> targets() {
        return state::View(database).find<elbv2::TargetsByGroup>(group_);
    }
    void judge(const TaskRecord& task, elbv2::TargetHealth health) {
        write([&](state::Txn& txn) {
            for (const auto& known : txn.find<elbv2::TargetsByOwner>(task.key())) {
                elbv2::TargetRecord target = *known;
                target.health = health;
                txn.put(target);
            }
        });
    }
    void judge_all(elbv2::TargetHealth health) {
        for (const auto& task : tasks())
            if (!task->stopping()) judge(*task, health);
    }
    // No flow is left to what drains.
    void drained() {
        write([&](state::Txn& txn) {
            for (const auto& target : targets())
                if (target->health == elbv2::TargetHealth::draining)
                    txn.erase<elbv2::TargetRecord>(target->key());
        });
    }
    void start(int desired) {
        prepare_behind(desired);
        settle();
        work();
        settle();
        judge_all(elbv2::TargetHealth::healthy);
        come_to_rest();
    }
    link::TaskStatus wanted_of_worker(const std::string& id) {
        return worker_spec(state::View(database), *task(id)).desired_status;
    }
    std::string group_, arn_;
};

TEST_F(ServiceBehindABalancerTest, TargetsAreRegisteredWhenTheContainersRun) {
    prepare_behind(2);
    settle();
    EXPECT_TRUE(targets().empty());
    const auto first = tasks().front();
    tell(*first, TaskStatus::RUNNING);
    EXPECT_EQ(task(first->id)->last_status, TaskStatus::ACTIVATING);
    settle();
    EXPECT_EQ(task(first->id)->last_status, TaskStatus::RUNNING);
    ASSERT_EQ(targets().size(), 1u);
    EXPECT_EQ(targets()[0]->address, first->interface.address);
    EXPECT_EQ(targets()[0]->owner, first->key());
    EXPECT_TRUE(told(std::string("registered 1 targets in (target-group ") + arn_ + ")"));
    come_to_rest();
    EXPECT_FALSE(told("has reached a steady state.") && deployments().size() == 1)
        << "no target is healthy yet";
    judge_all(elbv2::TargetHealth::healthy);
    come_to_rest();
    EXPECT_EQ(events().back(), "(service web) has reached a steady state.");
}

TEST_F(ServiceBehindABalancerTest, TheStopSignalComesAfterTheDrain) {
    start(1);
    const auto id = tasks().front()->id;
    ASSERT_TRUE(ask(stop_task, R"({"task":")" + id + R"("})"));
    settle();
    EXPECT_EQ(task(id)->last_status, TaskStatus::DEACTIVATING);
    EXPECT_EQ(wanted_of_worker(id), TaskStatus::RUNNING);
    EXPECT_TRUE(told("has begun draining connections on 1 tasks."));
    EXPECT_TRUE(told("deregistered 1 targets in "));
    drained();
    settle();
    EXPECT_EQ(task(id)->last_status, TaskStatus::STOPPING);
    EXPECT_EQ(wanted_of_worker(id), TaskStatus::STOPPED);
    EXPECT_TRUE(told("has stopped 1 running tasks: (task " + id + ")."));
}

TEST_F(ServiceBehindABalancerTest, ADeadTaskWaitsForNothing) {
    start(1);
    const auto dead = tasks().front();
    link::ObservedTask seen;
    seen.stop_code = "EssentialContainerExited";
    tell(*dead, TaskStatus::STOPPING, seen);
    settle();
    EXPECT_TRUE(state::View(database).find<elbv2::TargetsByOwner>(dead->key()).empty());
}

TEST_F(ServiceBehindABalancerTest, ATaskThatEndsInOneReportLeavesNoTarget) {
    start(1);
    die(*tasks().front());
    EXPECT_TRUE(targets().empty());
}

TEST_F(ServiceBehindABalancerTest, AnUnhealthyTaskIsReplacedFirstAndThenCutOff) {
    start(1);
    const auto sick = tasks().front();
    judge(*sick, elbv2::TargetHealth::unhealthy);
    settle();
    work();
    settle();
    EXPECT_FALSE(task(sick->id)->stopping());
    EXPECT_EQ(tasks().size(), 2u);
    for (const auto& fresh : tasks())
        if (fresh->id != sick->id) judge(*fresh, elbv2::TargetHealth::healthy);
    settle();
    EXPECT_EQ(
        task(sick->id)->stopped_reason,
        std::string("Task failed ELB health checks in (target-group ") + arn_ + ")"
    );
    EXPECT_EQ(task(sick->id)->stop_code, "ServiceSchedulerInitiated");
    EXPECT_TRUE(state::View(database).find<elbv2::TargetsByOwner>(sick->key()).empty());
    EXPECT_EQ(wanted_of_worker(sick->id), TaskStatus::STOPPED);
}

// As on AWS, where nothing keeps a group from being deleted under its services.
TEST_F(ServiceBehindABalancerTest, ATaskWhoseTargetGroupIsDeletedStaysActivatingAndSaysWhy) {
    start(1);
    const auto served = tasks().front()->id;
    write([&](state::Txn& txn) { txn.erase<elbv2::TargetGroupRecord>(group_); });
    roll();
    settle();
    work();
    come_to_rest();
    come_to_rest();
    for (const auto& each : tasks())
        EXPECT_EQ(each->last_status, each->id == served ? TaskStatus::RUNNING : TaskStatus::ACTIVATING);
    EXPECT_EQ(deployments().size(), 2u);
    const auto all = events();
    EXPECT_EQ(
        std::count(
            all.begin(), all.end(),
            "(service web) failed to register targets in (target-group " + arn_ +
                ") with (error One or more target groups not found)"
        ),
        1
    );
    EXPECT_NE(all.back(), "(service web) has reached a steady state.");
}

TEST_F(ServiceBehindABalancerTest, ARollEndsWhenTheOldTargetsAreDrained) {
    start(2);
    roll();
    settle();
    work();
    settle();
    judge_all(elbv2::TargetHealth::healthy);
    come_to_rest();
    EXPECT_EQ(tasks().size(), 4u);
    EXPECT_EQ(deployments().size(), 2u);
    EXPECT_EQ(targets().size(), 4u);
    drained();
    come_to_rest();
    EXPECT_EQ(tasks().size(), 2u);
    EXPECT_EQ(deployments().size(), 1u);
    EXPECT_EQ(events().back(), "(service web) has reached a steady state.");
}

}  // namespace
}  // namespace gantry::ecs::testing
