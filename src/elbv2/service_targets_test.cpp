// What ecs does with targets, what workers say of them, and what becomes of them.
#include "elbv2/service_targets.h"

#include <gtest/gtest.h>

#include "elbv2/elbv2_client_test.h"
#include "elbv2/host_counts.h"
#include "link/balancer_objects.h"

namespace gantry::elbv2 {
namespace {

using link::ObservedTarget;
using link::ProbeOutcome;
using testing::Client;

const ObservedTarget kPassed{ProbeOutcome::success, 5};
const ObservedTarget kFailed{ProbeOutcome::refused, 2};

// A network balancer in two zones with a listener that forwards to `blue`, and a group `green` that nobody
// uses.
struct Stack : Client {
    Stack() {
        for (const char* name : {"blue", "green"}) {
            TargetGroupRecord group;
            group.account = caller.account;
            group.region = caller.region;
            group.id = std::string(name) + "-id";
            group.name = name;
            group.protocol = "TCP";
            group.port = 80;
            group.vpc = vpc->id;
            group.health_check.protocol = "TCP";
            (group.name == "blue" ? blue : green) = group.key();
            (group.name == "blue" ? blue_arn : green_arn) = group.arn();
            commit([&](state::Txn& txn) { txn.put(group); });
        }
        LoadBalancerRecord balancer;
        balancer.account = caller.account;
        balancer.region = caller.region;
        balancer.id = "lb-id";
        balancer.name = "front";
        balancer.type = "network";
        balancer.zones = {
            {"ap-northeast-1a", subnets[0], "eni-a", "172.31.0.9"},
            {"ap-northeast-1c", subnets[1], "eni-c", "172.31.16.9"},
        };
        balancer.host_address = "127.64.0.1";
        balancer_key = balancer.key();
        commit([&](state::Txn& txn) { txn.put(balancer); });
        forward_to(blue_arn);
    }
    void forward_to(const std::string& arn) {
        ListenerRecord listener;
        listener.account = caller.account;
        listener.region = caller.region;
        listener.balancer = "lb-id";
        listener.balancer_path = "net/front/lb-id";
        listener.id = "listener-id";
        listener.protocol = "TCP";
        listener.port = 8081;
        shapes::elbv2::Action action;
        action.type = "forward";
        action.target_group_arn = arn;
        listener.actions = {action};
        commit([&](state::Txn& txn) { txn.put(listener); });
    }
    void add(const std::string& group, const std::string& address, const std::string& owner,
             const std::string& zone = "ap-northeast-1a") {
        const auto at = turn();
        plan([&](state::Plan& made) { register_target(view(), at, group, address, 80, zone, owner, made); });
    }
    void drain(const std::string& owner) {
        const auto at = turn();
        plan([&](state::Plan& made) { drain_targets(view(), at, owner, made); });
    }
    std::size_t targets() const { return view().list<TargetRecord>().size(); }
    std::vector<link::BalancerTarget> published(const std::string& group = "blue-id") {
        return object<link::TargetGroup>("w1", "target_group", group).targets;
    }

    std::string blue, green, blue_arn, green_arn, balancer_key;
};

TEST(HostCounts, ByGroupAndByZone) {
    Stack stack;
    stack.add(stack.blue, "172.31.0.10", "task-a");
    stack.add(stack.blue, "172.31.0.11", "task-b");
    stack.add(stack.green, "172.31.0.12", "task-c");
    stack.commit([&](state::Txn& txn) {
        auto target = *txn.get<TargetRecord>(TargetRecord::key(stack.blue, "172.31.0.10", 80));
        target.health = TargetHealth::healthy;
        txn.put(target);
        target = *txn.get<TargetRecord>(TargetRecord::key(stack.blue, "172.31.0.11", 80));
        target.health = TargetHealth::unhealthy;
        txn.put(target);
    });
    const auto all = host_counts(stack.view(), *stack.view().get<LoadBalancerRecord>(stack.balancer_key));
    ASSERT_EQ(all.size(), 4u) << "green has no listener";
    EXPECT_EQ(all[0].name.space, "AWS/NetworkELB");
    EXPECT_EQ(all[0].name.name, "HealthyHostCount");
    EXPECT_EQ(
        all[0].name.dimensions,
        (metric::Dimensions{{"LoadBalancer", "net/front/lb-id"}, {"TargetGroup", "targetgroup/blue/blue-id"}})
    );
    EXPECT_EQ(all[0].values.sum(), 1);
    EXPECT_EQ(all[1].name.name, "UnHealthyHostCount");
    EXPECT_EQ(all[1].values.sum(), 1);
    EXPECT_EQ(all[3].name.dimensions.front(), (std::pair<std::string, std::string>("AvailabilityZone", "ap-northeast-1a")));
}

TEST(ServiceTargets, AGroupIsFoundByItsArnInItsAccountAndRegion) {
    Stack stack;
    const auto found = find_service_group(stack.view(), "123456789012", "ap-northeast-1", stack.blue_arn);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->key, stack.blue);
    EXPECT_EQ(found->protocol, "TCP");
    EXPECT_EQ(found->vpc, stack.vpc->id);
    EXPECT_TRUE(found->has_load_balancer);
    EXPECT_FALSE(found->application);
    const auto unused = find_service_group(stack.view(), "123456789012", "ap-northeast-1", stack.green_arn);
    ASSERT_TRUE(unused);
    EXPECT_FALSE(unused->has_load_balancer);
    EXPECT_FALSE(find_service_group(stack.view(), "999999999999", "ap-northeast-1", stack.blue_arn));
    EXPECT_FALSE(find_service_group(stack.view(), "123456789012", "us-east-1", stack.blue_arn));
    EXPECT_FALSE(find_service_group(stack.view(), "123456789012", "ap-northeast-1", "blue"));
}

TEST(ServiceTargets, ATargetBecomesHealthyAndUnhealthyByReports) {
    Stack stack;
    stack.add(stack.blue, "172.31.0.10", "task-1");
    auto target = service_target(stack.view(), stack.blue, "task-1");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->health, TargetHealth::initial);
    EXPECT_FALSE(target->unused);
    EXPECT_EQ(target->reason, "Elb.RegistrationInProgress");
    ASSERT_EQ(stack.published().size(), 1u);
    EXPECT_EQ(stack.published()[0].state, link::TargetState::initial);

    stack.report("172.31.0.10", kPassed);
    EXPECT_EQ(service_target(stack.view(), stack.blue, "task-1")->health, TargetHealth::healthy);
    EXPECT_EQ(stack.published()[0].state, link::TargetState::healthy);
    stack.report("172.31.0.10", kFailed);
    target = service_target(stack.view(), stack.blue, "task-1");
    EXPECT_EQ(target->health, TargetHealth::unhealthy);
    EXPECT_EQ(target->description, "Health checks failed");
    EXPECT_FALSE(service_target(stack.view(), stack.blue, "task-2"));
    EXPECT_FALSE(service_target(stack.view(), stack.green, "task-1"));
    stack.expect_converged();
}

TEST(ServiceTargets, RegisteringAgainChangesNothingForTheSameOwnerOnly) {
    Stack stack;
    stack.add(stack.blue, "172.31.0.10", "task-1");
    const std::string first = stack.published()[0].registration;
    stack.add(stack.blue, "172.31.0.10", "task-1");
    EXPECT_EQ(stack.published()[0].registration, first);
    stack.report("172.31.0.10", kPassed);
    stack.add(stack.blue, "172.31.0.10", "task-2");
    EXPECT_NE(stack.published()[0].registration, first);
    EXPECT_EQ(stack.published()[0].state, link::TargetState::initial);
    EXPECT_FALSE(service_target(stack.view(), stack.blue, "task-1"));
}

TEST(ServiceTargets, OldReportsAndReportsOfOthersSayNothing) {
    Stack stack;
    stack.add(stack.blue, "172.31.0.10", "task-1");
    stack.report("172.31.0.10", kPassed, "w2");
    EXPECT_EQ(stack.published()[0].state, link::TargetState::initial);
    stack.report("172.31.0.10", kPassed);
    stack.sequence -= 2;
    stack.report("172.31.0.10", kFailed);  // older
    stack.report("172.31.0.10", kFailed);  // the same again
    EXPECT_EQ(stack.published()[0].state, link::TargetState::healthy);
    stack.report("172.31.0.10", kFailed);
    EXPECT_EQ(stack.published()[0].state, link::TargetState::unhealthy);
}

TEST(ServiceTargets, DrainingEndsWhenNoFlowIsLeft) {
    Stack stack;
    stack.add(stack.blue, "172.31.0.10", "task-1");
    stack.report("172.31.0.10", kPassed);
    stack.drain("task-1");
    EXPECT_EQ(stack.published()[0].state, link::TargetState::draining);
    EXPECT_EQ(service_target(stack.view(), stack.blue, "task-1")->reason, "Target.DeregistrationInProgress");
    stack.report("172.31.0.10", kPassed);
    EXPECT_EQ(stack.targets(), 1u);
    stack.report("172.31.0.10", {ProbeOutcome::success, 5, 0, true});
    EXPECT_EQ(stack.targets(), 0u);
    EXPECT_TRUE(stack.published().empty());
    stack.expect_converged();
}

TEST(ServiceTargets, DrainingEndsWithItsDelayWhichDoesNotGrow) {
    Stack stack;
    stack.add(stack.blue, "172.31.0.10", "task-1");
    stack.drain("task-1");
    stack.wait(std::chrono::seconds(299));
    stack.drain("task-1");
    EXPECT_EQ(stack.targets(), 1u);
    stack.wait(std::chrono::seconds(1));
    EXPECT_EQ(stack.targets(), 0u);
    stack.expect_converged();
}

TEST(ServiceTargets, DeadTargetsAndUnusedOnesGoAtOnce) {
    Stack stack;
    stack.add(stack.blue, "172.31.0.10", "task-1");
    stack.plan([&](state::Plan& made) { drop_targets(stack.view(), "task-1", made); });
    EXPECT_EQ(stack.targets(), 0u);
    stack.add(stack.green, "172.31.0.11", "task-2");
    EXPECT_TRUE(service_target(stack.view(), stack.green, "task-2")->unused);
    stack.drain("task-2");
    EXPECT_EQ(stack.targets(), 0u);
}

TEST(ServiceTargets, AListenerThatTurnsAwayMakesTargetsUnusedAndForgotten) {
    Stack stack;
    stack.add(stack.blue, "172.31.0.10", "task-1");
    stack.add(stack.blue, "172.31.0.11", "task-2");
    stack.add(stack.green, "172.31.0.12", "task-3");
    EXPECT_FALSE(stack.held["w1"].contains("target_group/green-id"));
    stack.report("172.31.0.10", kPassed);
    stack.drain("task-2");
    const std::string before = stack.published()[0].registration;

    stack.forward_to(stack.green_arn);
    EXPECT_FALSE(stack.held["w1"].contains("target_group/blue-id"));
    EXPECT_EQ(stack.published("green-id").size(), 1u);
    EXPECT_EQ(stack.targets(), 2u);  // the draining one is gone
    const auto target = service_target(stack.view(), stack.blue, "task-1");
    EXPECT_TRUE(target->unused);
    EXPECT_EQ(target->health, TargetHealth::initial);

    stack.forward_to(stack.blue_arn);
    EXPECT_EQ(stack.published()[0].state, link::TargetState::initial);
    EXPECT_NE(stack.published()[0].registration, before);
    stack.expect_converged();
}

TEST(ServiceTargets, ATargetInAZoneWithoutTheBalancerIsUnused) {
    Stack stack;
    stack.add(stack.blue, "172.31.32.10", "task-1", "ap-northeast-1d");
    stack.add(stack.blue, "10.0.0.1", "task-2", "all");
    EXPECT_TRUE(service_target(stack.view(), stack.blue, "task-1")->unused);
    EXPECT_FALSE(service_target(stack.view(), stack.blue, "task-2")->unused);
    EXPECT_EQ(stack.published().size(), 1u);
    auto balancer = *stack.view().get<LoadBalancerRecord>(stack.balancer_key);
    balancer.zones.push_back({"ap-northeast-1d", stack.subnets[2], "eni-d", "172.31.32.9"});
    stack.commit([&](state::Txn& txn) { txn.put(balancer); });
    EXPECT_FALSE(service_target(stack.view(), stack.blue, "task-1")->unused);
    EXPECT_EQ(stack.published().size(), 2u);
    stack.expect_converged();
}

TEST(ServiceTargets, ChangedThresholdsJudgeAgain) {
    Stack stack;
    stack.add(stack.blue, "172.31.0.10", "task-1");
    stack.report("172.31.0.10", {ProbeOutcome::success, 3});
    EXPECT_EQ(stack.published()[0].state, link::TargetState::initial);
    auto group = *stack.view().get<TargetGroupRecord>(stack.blue);
    group.health_check.healthy_threshold = 3;
    stack.commit([&](state::Txn& txn) { txn.put(group); });
    EXPECT_EQ(stack.published()[0].state, link::TargetState::healthy);
    stack.expect_converged();
}

TEST(ServiceTargets, TargetsOfADeletedGroupGo) {
    Stack stack;
    stack.add(stack.green, "172.31.0.10", "task-1");
    stack.commit([&](state::Txn& txn) { txn.erase<TargetGroupRecord>(stack.green); });
    EXPECT_EQ(stack.targets(), 0u);
    stack.expect_converged();
}

TEST(Carriers, ABalancerMovesOnlyWhenItsWorkerStaysAway) {
    Stack stack;
    stack.add(stack.blue, "172.31.0.10", "task-1");
    const auto carrier = [&] { return stack.view().get<LoadBalancerRecord>(stack.balancer_key)->worker; };
    EXPECT_EQ(carrier(), "w1");
    stack.commit([](state::Txn& txn) { carrier_joined(txn, "w2"); });
    EXPECT_EQ(carrier(), "w1");
    stack.commit([](state::Txn& txn) { carrier_lost(txn, "w1"); });
    stack.wait(kCarrierLostAfter - Duration(1));
    EXPECT_EQ(carrier(), "w1");
    stack.wait(Duration(1));
    EXPECT_EQ(carrier(), "w2");
    EXPECT_TRUE(stack.held["w1"].empty());
    EXPECT_TRUE(stack.held["w2"].contains("load_balancer/lb-id"));
    EXPECT_TRUE(stack.held["w2"].contains("target_group/blue-id"));
    // Its sequences begin anew.
    stack.sequence = 0;
    stack.report("172.31.0.10", kPassed, "w2");
    EXPECT_EQ(service_target(stack.view(), stack.blue, "task-1")->health, TargetHealth::healthy);
    stack.expect_converged();
}

TEST(Carriers, ALoneWorkerKeepsItsBalancersAndTheFirstOneTakesWhatWaits) {
    Stack stack;
    const auto carrier = [&] { return stack.view().get<LoadBalancerRecord>(stack.balancer_key)->worker; };
    stack.commit([](state::Txn& txn) { carrier_lost(txn, "w1"); });
    stack.wait(std::chrono::hours(1));
    EXPECT_EQ(carrier(), "w1");
    stack.commit([](state::Txn& txn) { carrier_joined(txn, "w2"); });
    EXPECT_EQ(carrier(), "w2");
    stack.expect_converged();
}

// Whatever happens in whatever order: workers hold what a fresh look gives, and controllers come to rest.
TEST(ServiceTargets, EventsMissNothing) {
    for (std::uint64_t round = 1; round <= 20 && !::testing::Test::HasFailure(); ++round) {
        Stack stack;
        stack.dice = ec2::testing::Dice(round);
        const auto draw = [&](std::uint64_t below) { return stack.dice.draw() % below; };
        const auto owner = [&] { return "task-" + std::to_string(draw(5)); };
        const auto worker = [&] { return "w" + std::to_string(1 + draw(3)); };
        const char* zones[] = {"ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d", "all"};
        for (int step = 0; step < 120 && !::testing::Test::HasFailure(); ++step) {
            const auto targets = stack.view().list<TargetRecord>();
            switch (draw(9)) {
                case 0:
                case 1:
                    stack.add(
                        draw(3) == 0 ? stack.green : stack.blue, "172.31.0." + std::to_string(10 + draw(5)), owner(),
                        zones[draw(4)]
                    );
                    break;
                case 2:
                    stack.drain(owner());
                    break;
                case 3:
                    stack.plan([&](state::Plan& made) { drop_targets(stack.view(), owner(), made); });
                    break;
                case 4:
                    stack.forward_to(draw(2) == 0 ? stack.green_arn : stack.blue_arn);
                    break;
                case 5:
                    stack.commit([&](state::Txn& txn) { carrier_joined(txn, worker()); });
                    break;
                case 6:
                    stack.commit([&](state::Txn& txn) { carrier_lost(txn, worker()); });
                    break;
                case 7:
                    stack.wait(std::chrono::seconds(draw(100)));
                    break;
                default:
                    if (targets.empty()) break;
                    ObservedTarget seen{
                        draw(2) == 0 ? ProbeOutcome::success : ProbeOutcome::timeout, static_cast<int>(draw(6)), 0,
                        draw(4) == 0
                    };
                    stack.report(targets[draw(targets.size())]->address, seen, worker());
            }
            stack.expect_converged();
        }
    }
}

}  // namespace
}  // namespace gantry::elbv2
