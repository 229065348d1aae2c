#include <algorithm>

#include "ecs/controller_fixture.h"
#include "ecs/desired_count.h"
#include "ecs/service_controller.h"
#include "ecs/task_set.h"
#include "elbv2/listener.h"
#include "elbv2/load_balancer.h"
#include "elbv2/target.h"
#include "elbv2/target_group.h"

namespace gantry::ecs::testing {
namespace {

using link::TaskStatus;
using std::chrono::seconds;

class TaskSetControllerTest : public ServiceTest {
  protected:
    void prepare_external(int desired) { prepare_service(desired, "EXTERNAL"); }

    // What was made, by its id.
    std::string make(double scale = 100, const std::string& group = "", bool behind_listener = true) {
        NewTaskSet wanted;
        wanted.task_definition = "test-nginx";
        wanted.launch_type = "FARGATE";
        wanted.network.emplace().awsvpc_configuration.emplace().subnets = {subnet()};
        wanted.scale = scale;
        wanted.behind_listener = behind_listener;
        if (!group.empty()) {
            auto& balancer = wanted.load_balancers.emplace_back();
            balancer.target_group_arn = group;
            balancer.container_name = "test-nginx";
            balancer.container_port = 80;
        }
        std::string id;
        carry_out([&](const state::View& view, state::Plan& plan) {
            const auto made = make_task_set(view, turn, *service(), wanted, plan);
            ASSERT_TRUE(made) << made.error().message;
            id = made->id;
        });
        return id;
    }
    template <class Fn>
    void carry_out(Fn decide) {
        state::Plan plan;
        decide(state::View(database), plan);
        write([&](state::Txn& txn) { txn.apply(plan); });
    }
    void scale(const std::string& id, double percent) {
        carry_out([&](const state::View&, state::Plan& plan) { scale_task_set(*set(id), percent, turn, plan); });
    }
    void promote(const std::string& id) {
        carry_out([&](const state::View& view, state::Plan& plan) {
            make_primary(view, turn, *service(), *set(id), plan);
        });
    }
    void drain(const std::string& id) {
        carry_out([&](const state::View&, state::Plan& plan) { drain_task_set(*set(id), turn, plan); });
    }
    state::Pinned<TaskSetRecord> set(const std::string& id) {
        return task_set_of(state::View(database), *service(), id);
    }
    TaskSetProgress progress(const std::string& id) {
        return progress_of(state::View(database), *service(), *set(id));
    }
    std::vector<state::Pinned<TaskRecord>> tasks_of(const std::string& id) {
        auto all = tasks();
        std::erase_if(all, [&](const auto& task) { return task->started_by != "ecs-svc/" + id; });
        return all;
    }
    // A target group's ARN; a listener forwards to it unless it is told not to.
    std::string group(const std::string& name, bool attached = true) {
        elbv2::TargetGroupRecord group;
        group.account = caller.account;
        group.region = caller.region;
        group.id = group.name = name;
        group.protocol = "TCP";
        group.port = 80;
        group.target_type = "ip";
        group.health_check.protocol = "TCP";
        const auto subnets = state::View(database).list<ec2::SubnetRecord>(caller.scope());
        group.vpc = subnets.front()->vpc;
        elbv2::LoadBalancerRecord balancer;
        balancer.account = caller.account;
        balancer.region = caller.region;
        balancer.id = balancer.name = name;
        balancer.type = "network";
        balancer.zones = {{subnets.front()->zone, subnets.front()->id, "eni-" + name, "172.31.0.9"}};
        elbv2::ListenerRecord listener;
        listener.account = caller.account;
        listener.region = caller.region;
        listener.balancer = listener.id = name;
        listener.protocol = "TCP";
        listener.port = 80;
        listener.actions.emplace_back().type = "forward";
        listener.actions.front().target_group_arn = group.arn();
        write([&](state::Txn& txn) {
            txn.put(group);
            if (!attached) return;
            txn.put(balancer);
            txn.put(listener);
        });
        return group.arn();
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
    void all_healthy() {
        for (int i = 0; i < 3; ++i) {
            settle();
            work();
            settle();
        }
        for (const auto& task : tasks())
            if (!task->stopping()) judge(*task, elbv2::TargetHealth::healthy);
        come_to_rest();
    }
    void drained() {
        write([&](state::Txn& txn) {
            for (const auto& target : txn.list<elbv2::TargetRecord>())
                if (target->health == elbv2::TargetHealth::draining)
                    txn.erase<elbv2::TargetRecord>(target->key());
        });
    }
};

TEST_F(TaskSetControllerTest, ItIsKeptAtItsShareOfTheDesiredCountAndSaysSo) {
    prepare_external(5);
    settle();
    EXPECT_TRUE(tasks().empty());
    const auto id = make(50);
    EXPECT_EQ(set(id)->computed_desired, 0);
    EXPECT_EQ(progress(id).desired, 3);
    settle();
    EXPECT_EQ(set(id)->computed_desired, 3);
    ASSERT_EQ(tasks().size(), 3u);
    for (const auto& task : tasks()) {
        EXPECT_EQ(task->started_by, "ecs-svc/" + id);
        EXPECT_EQ(task->group, "service:web");
    }
    EXPECT_EQ(progress(id).pending, 3);
    EXPECT_FALSE(progress(id).steady);
    come_to_rest();
    EXPECT_TRUE(progress(id).steady);
    EXPECT_EQ(progress(id).running, 3);
    EXPECT_EQ(set(id)->stability, Stability::STEADY_STATE);
    const auto told = events();
    ASSERT_EQ(told.size(), 4u);
    EXPECT_EQ(told[0], "(service web) updated computedDesiredCount for taskSet ecs-svc/" + id + " to 3.");
    EXPECT_EQ(told[1].find("(service web, taskSet ecs-svc/" + id + ") has started 3 tasks: (task "), 0u);
    EXPECT_EQ(told[2], "(service web, taskSet ecs-svc/" + id + ") updated state to STEADY_STATE.");
    EXPECT_EQ(told[3], "(service web) has reached a steady state.");
    EXPECT_FALSE(controllers_once());
}

TEST_F(TaskSetControllerTest, ItsShareFollowsItsScaleAndTheServicesDesiredCount) {
    prepare_external(4);
    const auto id = make();
    come_to_rest();
    EXPECT_EQ(tasks().size(), 4u);
    scale(id, 25);
    EXPECT_FALSE(progress(id).steady);
    come_to_rest();
    EXPECT_EQ(tasks().size(), 1u);
    EXPECT_TRUE(progress(id).steady);
    change_service([](ServiceRecord& service) { service.desired_count = 8; });
    EXPECT_FALSE(progress(id).steady) << "not for the count that is desired now";
    come_to_rest();
    EXPECT_EQ(tasks().size(), 2u);
    EXPECT_TRUE(progress(id).steady);
}

TEST_F(TaskSetControllerTest, WhoScalesTheServiceUnsettlesIt) {
    prepare_external(1);
    const auto id = make();
    come_to_rest();
    ASSERT_EQ(set(id)->stability, Stability::STEADY_STATE);
    carry_out([&](const state::View& view, state::Plan& plan) {
        set_desired_count(view, turn, *service(), 3, plan);
    });
    EXPECT_EQ(set(id)->stability, Stability::STABILIZING);
    come_to_rest();
    EXPECT_EQ(tasks().size(), 3u);
    EXPECT_EQ(set(id)->stability, Stability::STEADY_STATE);
}

TEST_F(TaskSetControllerTest, ScalingItToWhatItIsMakesItSteadyAgain) {
    prepare_external(1);
    const auto id = make();
    come_to_rest();
    scale(id, 100);
    EXPECT_EQ(set(id)->stability, Stability::STABILIZING);
    settle();
    EXPECT_TRUE(progress(id).steady);
}

TEST_F(TaskSetControllerTest, ADeadTaskIsReplacedAndFailedStartsAreRepeatedLater) {
    prepare_external(1);
    const auto id = make();
    come_to_rest();
    die(*tasks().front());
    settle();
    EXPECT_FALSE(progress(id).steady);
    come_to_rest();
    EXPECT_TRUE(progress(id).steady);
    EXPECT_EQ(set(id)->failed_launches, 0) << "it had served";
    drain(id);
    come_to_rest();
    const auto bad = make();
    for (int wave = 1; wave <= 3; ++wave) {
        settle();
        ASSERT_EQ(tasks().size(), 1u) << wave;
        die(*tasks().front(), "TaskFailedToStart");
        settle();
        EXPECT_TRUE(tasks().empty()) << "it waits";
        EXPECT_EQ(progress(bad).failed_launches, wave);
        pass(seconds(60));
    }
    EXPECT_TRUE(told("(service web, taskSet ecs-svc/" + bad + ") is unable to consistently start tasks"));
}

TEST_F(TaskSetControllerTest, EachRegistersInItsOwnTargetGroup) {
    prepare_external(2);
    const auto blue = make(100, group("blue"));
    // As CodeDeploy makes it: its group gets its listener later.
    const auto green = make(100, group("green", false), false);
    for (int i = 0; i < 3; ++i) {
        settle();
        work();
        settle();
    }
    EXPECT_EQ(progress(blue).targets, 2);
    EXPECT_EQ(progress(blue).healthy_targets, 0);
    EXPECT_FALSE(progress(blue).steady) << "its targets' health is not known yet";
    EXPECT_EQ(progress(green).targets, 2);
    EXPECT_EQ(progress(green).unused_targets, 2);
    EXPECT_TRUE(progress(green).steady) << "nobody probes a group that no listener forwards to";
    for (const auto& task : tasks_of(blue)) judge(*task, elbv2::TargetHealth::healthy);
    settle();
    EXPECT_EQ(progress(blue).healthy_targets, 2);
    EXPECT_TRUE(progress(blue).steady);
    EXPECT_TRUE(told("(service web, taskSet ecs-svc/" + blue + ") registered 1 targets in (target-group ") ||
                told("(service web, taskSet ecs-svc/" + blue + ") registered 2 targets in (target-group "));
}

TEST_F(TaskSetControllerTest, AnUnhealthyTargetIsReplacedFirst) {
    prepare_external(1);
    const auto id = make(100, group("blue"));
    all_healthy();
    ASSERT_TRUE(progress(id).steady);
    const auto sick = tasks().front();
    judge(*sick, elbv2::TargetHealth::unhealthy);
    settle();
    EXPECT_FALSE(progress(id).steady);
    work();
    settle();
    EXPECT_FALSE(task(sick->id)->stopping());
    ASSERT_EQ(tasks().size(), 2u);
    for (const auto& fresh : tasks())
        if (fresh->id != sick->id) judge(*fresh, elbv2::TargetHealth::healthy);
    settle();
    EXPECT_EQ(task(sick->id)->stop_code, "ServiceSchedulerInitiated");
    come_to_rest();
    EXPECT_TRUE(progress(id).steady);
    EXPECT_EQ(tasks().size(), 1u);
}

TEST_F(TaskSetControllerTest, WithinTheGracePeriodAnUnhealthyTargetStays) {
    prepare_external(1);
    change_service([](ServiceRecord& service) { service.health_check_grace_seconds = 600; });
    const auto id = make(100, group("blue"));
    for (int i = 0; i < 3; ++i) {
        settle();
        work();
        settle();
    }
    judge(*tasks().front(), elbv2::TargetHealth::unhealthy);
    settle();
    EXPECT_EQ(tasks().size(), 1u);
    EXPECT_FALSE(progress(id).steady);
    pass(seconds(601));
    settle();
    EXPECT_EQ(tasks().size(), 2u);
}

TEST_F(TaskSetControllerTest, TheOldOneDrainsBeforeItStopsAndThenIsGone) {
    prepare_external(2);
    const auto blue = make(100, group("blue"));
    promote(blue);
    all_healthy();
    const auto green = make(100, group("green"));
    all_healthy();
    ASSERT_TRUE(progress(green).steady);
    promote(green);
    EXPECT_EQ(set(blue)->status, TaskSetStatus::ACTIVE);
    EXPECT_EQ(service()->primary, green);
    settle();
    EXPECT_EQ(tasks().size(), 4u) << "who is PRIMARY changes no task";
    drain(blue);
    settle();
    for (const auto& task : tasks_of(blue)) {
        EXPECT_EQ(task->last_status, TaskStatus::DEACTIVATING);
        EXPECT_EQ(worker_spec(state::View(database), *task).desired_status, TaskStatus::RUNNING);
    }
    EXPECT_EQ(progress(blue).targets, 0);
    EXPECT_EQ(set(blue)->computed_desired, 0);
    EXPECT_TRUE(told("(service web, taskSet ecs-svc/" + blue + ") has begun draining connections on 2 tasks."));
    drained();
    come_to_rest();
    EXPECT_FALSE(set(blue));
    EXPECT_FALSE(state::View(database).get<ServiceRevisionRecord>(service()->parts() + blue));
    EXPECT_EQ(tasks_of(green).size(), 2u);
    EXPECT_TRUE(progress(green).steady);
    EXPECT_EQ(events().back(), "(service web) has reached a steady state.");
}

TEST_F(TaskSetControllerTest, OneThatIsDrainedBeforeItsTasksRunGoesToo) {
    prepare_external(2);
    const auto id = make();
    settle();
    drain(id);
    come_to_rest();
    EXPECT_FALSE(set(id));
    EXPECT_TRUE(tasks().empty());
}

TEST_F(TaskSetControllerTest, ADeletedServiceGoesWithAllOfThem) {
    prepare_external(2);
    promote(make());
    make(50);
    come_to_rest();
    ASSERT_EQ(tasks().size(), 3u);
    ASSERT_TRUE(ask(delete_service, R"({"service":"web","force":true})"));
    settle();
    EXPECT_EQ(service()->status, ServiceStatus::DRAINING);
    come_to_rest();
    EXPECT_EQ(service()->status, ServiceStatus::INACTIVE);
    EXPECT_TRUE(tasks().empty());
    EXPECT_TRUE(state::View(database).list<TaskSetRecord>().empty());
}

TEST_F(TaskSetControllerTest, ManyTasksComeAndGoInStepsThatFitATransaction) {
    prepare_external(150);
    const auto id = make();
    come_to_rest();
    EXPECT_EQ(tasks().size(), 150u);
    EXPECT_TRUE(progress(id).steady);
    drain(id);
    come_to_rest();
    EXPECT_TRUE(tasks().empty());
    EXPECT_FALSE(set(id));
}

TEST_F(TaskSetControllerTest, ItsDefinitionStaysAsLongAsItUsesIt) {
    prepare_external(0);
    const auto id = make();
    ASSERT_TRUE(ask(deregister_task_definition, R"({"taskDefinition":"test-nginx:1"})"));
    ASSERT_TRUE(ask(delete_task_definitions, R"({"taskDefinitions":["test-nginx:1"]})"));
    pass(std::chrono::hours(2));
    settle();
    EXPECT_EQ(state::View(database).list<RevisionRecord>().size(), 1u);
    drain(id);
    settle();
    EXPECT_TRUE(state::View(database).list<RevisionRecord>().empty());
}

TEST_F(TaskSetControllerTest, WhatIsLikeAnotherIsMadeLikeIt) {
    prepare_external(1);
    const auto id = make(100, group("blue"));
    const auto wanted = like(state::View(database), *set(id));
    std::string copy;
    carry_out([&](const state::View& view, state::Plan& plan) {
        copy = make_task_set(view, turn, *service(), wanted, plan)->id;
    });
    const auto revision = [&](const std::string& of) { return revision_of(state::View(database), *set(of)); };
    EXPECT_TRUE(same_workload(*revision(id), *revision(copy)));
    EXPECT_EQ(revision(id)->definition_key(), revision(copy)->definition_key());
    EXPECT_EQ(set(copy)->scale, 0);
}

TEST(TaskSetShare, IsRoundedUp) {
    EXPECT_EQ(share_of(10, 0), 0);
    EXPECT_EQ(share_of(10, 12), 2);
    EXPECT_EQ(share_of(3, 33.4), 2);
    EXPECT_EQ(share_of(7, 100), 7);
    EXPECT_EQ(share_of(10, 30), 3);
    EXPECT_EQ(share_of(1000, 0.1), 1);
    EXPECT_EQ(share_of(0, 100), 0);
}

}  // namespace
}  // namespace gantry::ecs::testing
