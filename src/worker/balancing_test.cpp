// The load balancers of a worker over a pretended machine, under virtual time.
#include "worker/balancing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/images.h"
#include "sim/link_switch.h"
#include "sim/network.h"
#include "sim/prober.h"
#include "sim/runtime.h"
#include "sim/virtual_clock.h"
#include "sim/worker_disk.h"

namespace gantry::worker {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using link::ProbeOutcome;
using link::TargetState;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

class NoOutput : public ContainerOutput {
  public:
    awaitable<Result<OutputPaths>> open(OutputSpec) override { co_return OutputPaths{}; }
    void ended(std::string) override {}
    awaitable<Result<>> shipped(std::string) override { co_return Result<>{}; }
    awaitable<Result<std::vector<std::string>>> list() override { co_return std::vector<std::string>{}; }
};

// A proxy that remembers.
class PretendedProxy : public port::HttpBalancer {
  public:
    port::HttpBalancerState state;
    int applied = 0;
    bool fails = false;
    std::vector<port::HttpServerUse> sessions;
    std::vector<std::string> cut;
    port::HttpTraffic carried;

    Async<std::vector<port::HttpEntrance>> apply(port::HttpBalancerState wanted) override {
        ++applied;
        if (fails) co_return trouble(Errc::unavailable, "the proxy is away");
        state = std::move(wanted);
        std::vector<port::HttpEntrance> entrances;
        for (const auto& balancer : state.balancers)
            for (const auto& listener : balancer.listeners)
                entrances.push_back({balancer.id, listener.id, "169.254.171.3", 7001});
        co_return entrances;
    }
    Async<std::vector<port::HttpServerUse>> use() override { co_return sessions; }
    Async<port::HttpTraffic> traffic() override { co_return carried; }
    Async<> shut(std::string group, std::string address, std::uint16_t port) override {
        cut.push_back(group + "/" + address + ":" + std::to_string(port));
        co_return Result<>{};
    }
    Async<> teardown() override { co_return Result<>{}; }
};

struct BalancingTest : testing::Test {
    asio::io_context context;
    sim::VirtualClock clock{context};
    sim::Faults faults{clock, 1};
    sim::Runtime runtime{context.get_executor(), faults};
    sim::Images images{faults};
    sim::Network network{faults};
    sim::WorkerDisk disk{faults};
    sim::LinkSwitch wire{context.get_executor(), faults};
    sim::Prober prober{faults, network, runtime, [](const std::string& eni) { return eni; }};
    NoOutput output;
    PretendedProxy proxy;
    std::optional<BalancerNames> names;
    AgentPorts ports{
        clock, runtime, images, network, disk, wire, output, &prober, &proxy,
        [this](const BalancerNames& now) { names = now; }
    };
    int policy_changes = 0;
    Balancing balancing{context.get_executor(), ports, [this] { ++policy_changes; }, [] {}};
    link::LoadBalancer balancer;
    link::TargetGroup group;

    BalancingTest() {
        balancing.start(1, seconds(2));
        balancer.id = "lb";
        balancer.type = "network";
        balancer.dns_name = "front.elb.gantry.internal";
        balancer.host_address = "127.64.0.1";
        balancer.addresses = {{"a", "eni-lb", "10.0.0.1"}};
        auto& listener = balancer.listeners.emplace_back();
        listener.id = "l";
        listener.protocol = "TCP";
        listener.port = 8081;
        listener.default_action.type = "forward";
        listener.default_action.groups = {{"g", 1}};
        group.id = "g";
        group.protocol = "TCP";
        group.probe_from = "10.0.0.1";
        group.health_check.protocol = "TCP";
        group.health_check.interval = 5;
        group.health_check.timeout = 2;
        group.health_check.healthy_threshold = 2;
        group.targets = {
            {"10.0.0.11", 80, "a", TargetState::healthy, "r1"},
            {"10.0.0.12", 80, "a", TargetState::healthy, "r2"}
        };
        for (const auto& target : group.targets) prober.scripted[target.address] = {port::Probed::End::answered, 0};
    }
    ~BalancingTest() override {
        wait(wire.stop());
        wait(balancing.stop());
        clock.settle();
    }

    void wait(awaitable<void> work) {
        bool done = false;
        TaskGroup one(context.get_executor());
        one.spawn("wait", mark(std::move(work), done));
        for (int i = 0; i < 100 && !done; ++i) clock.advance(milliseconds(10));
        EXPECT_TRUE(done);
        clock.settle();
    }
    static awaitable<void> mark(awaitable<void> work, bool& done) {
        co_await std::move(work);
        done = true;
    }

    template <class T>
    void learn(const std::string& kind, const T& object) {
        const DesiredObject wanted{1, encode(object).as_object()};
        EXPECT_TRUE(balancing.learn(kind, object.id, &wanted));
    }
    void make_application() {
        balancer.type = "application";
        balancer.listeners[0].protocol = "HTTP";
        group.protocol = "HTTP";
    }
    void learn_all() {
        learn("load_balancer", balancer);
        learn("target_group", group);
        apply();
    }
    void change() {
        learn("target_group", group);
        apply();
    }
    void apply() { wait(apply_once()); }
    awaitable<void> apply_once() {
        port::NetworkState state;
        state.enis.push_back({"eni-lb", "10.0.0.1", "vpc", {}, false});
        co_await balancing.add_to(state);
        const auto applied = co_await network.apply(std::move(state));
        EXPECT_TRUE(applied);
        balancing.in_force();
    }
    // The policy is in force; then the network does not answer for a while.
    awaitable<void> apply_once_and_break() {
        co_await apply_once();
        faults.rates.fail_before = 1'000;
    }
    std::vector<std::string> serving() const {
        std::vector<std::string> out;
        for (const auto& target : network.policy().balancers.at(0).listeners.at(0).targets)
            out.push_back(target.address);
        return out;
    }
    // What was reported since the last call, and is acknowledged.
    std::map<std::string, link::ObservedTarget> reports() {
        std::map<std::string, link::ObservedTarget> out;
        for (const auto& report : balancing.outbox().due(clock.now() + seconds(10))) {
            out[report.registration] = report.observed;
            balancing.outbox().acknowledge({1, report.registration, report.sequence});
        }
        return out;
    }
    bool drained(const std::string& registration) {
        const auto all = reports();
        return all.contains(registration) && all.at(registration).drained;
    }
    link::DesiredTask a_task(const std::string& id, const std::string& address) {
        link::DesiredTask task;
        task.id = id;
        task.eni.address = address;
        task.containers.emplace_back().name = "main";
        return task;
    }
    void see(const link::DesiredTask& task, ContainerPhase phase) {
        auto facts = first_facts(task);
        facts.containers[0].started_at = clock.now();
        facts.containers[0].phase = phase;
        balancing.task_seen(task, facts);
    }
};

TEST_F(BalancingTest, ProbesOnceTheBalancerIsInForceAndReportsUntilTheThreshold) {
    learn("load_balancer", balancer);
    learn("target_group", group);
    clock.advance(seconds(60));
    EXPECT_TRUE(prober.probes.empty());
    apply();
    clock.advance(seconds(1));
    EXPECT_EQ(reports().at("r1").streak, 1);
    clock.advance(seconds(5));
    const auto second = reports();
    EXPECT_EQ(second.at("r1"), (link::ObservedTarget{ProbeOutcome::success, 2, 0, false}));
    EXPECT_EQ(second.at("r2").streak, 2);
    clock.advance(seconds(60));
    EXPECT_TRUE(reports().empty());
    EXPECT_EQ(prober.probes["10.0.0.11"], 14);
    prober.scripted["10.0.0.11"] = {port::Probed::End::timeout, 0};
    clock.advance(seconds(8));
    const auto third = reports();
    EXPECT_EQ(third.size(), 1u);
    EXPECT_EQ(third.at("r1"), (link::ObservedTarget{ProbeOutcome::timeout, 1, 0, false}));
}

TEST_F(BalancingTest, AListenerThatTurnsToAGroupWaitsForIt) {
    learn_all();
    auto green = group;
    green.id = "green";
    green.targets = {{"10.0.0.21", 80, "a", TargetState::healthy, "r3"}};
    balancer.listeners[0].default_action.groups = {{"green", 1}};
    learn("load_balancer", balancer);
    apply();
    EXPECT_THAT(serving(), ElementsAre("10.0.0.11", "10.0.0.12"));
    // Not even when the former group is taken away first.
    balancing.learn("target_group", "g", nullptr);
    apply();
    apply();
    EXPECT_THAT(serving(), ElementsAre("10.0.0.11", "10.0.0.12"));
    learn("target_group", green);
    apply();
    EXPECT_THAT(serving(), ElementsAre("10.0.0.21"));
    // A group that its balancer still needs does not go before it.
    balancing.learn("target_group", "green", nullptr);
    apply();
    EXPECT_THAT(serving(), ElementsAre("10.0.0.21"));
    balancing.learn("load_balancer", "lb", nullptr);
    apply();
    EXPECT_THAT(network.policy().balancers, IsEmpty());
}

TEST_F(BalancingTest, ADrainingTargetIsDrainedWhenItsLastFlowEndsAndNotBefore) {
    network.flows["10.0.0.11:80/tcp"] = 2;
    learn_all();
    EXPECT_THAT(serving(), ElementsAre("10.0.0.11", "10.0.0.12"));
    (void)reports();
    group.targets[0].state = TargetState::draining;
    learn("target_group", group);
    clock.advance(seconds(5));
    // Not in force yet: new flows may still come.
    network.flows.clear();
    clock.advance(seconds(5));
    EXPECT_FALSE(drained("r1"));
    network.flows["10.0.0.11:80/tcp"] = 1;
    apply();
    EXPECT_THAT(serving(), ElementsAre("10.0.0.12"));
    clock.advance(seconds(20));
    EXPECT_FALSE(drained("r1"));
    const int probes = prober.probes["10.0.0.11"];
    network.flows.clear();
    clock.advance(milliseconds(600));
    EXPECT_TRUE(drained("r1"));
    clock.advance(seconds(20));
    EXPECT_FALSE(reports().contains("r1"));
    EXPECT_EQ(prober.probes["10.0.0.11"], probes);
    EXPECT_THAT(network.resets, IsEmpty());
}

TEST_F(BalancingTest, AConnectionThatWasJustLetInHasTimeToOpen) {
    learn_all();
    group.targets[0].state = TargetState::draining;
    change();
    clock.advance(milliseconds(300));
    network.flows["10.0.0.11:80/tcp"] = 1;
    clock.advance(seconds(2));
    EXPECT_FALSE(drained("r1"));
}

TEST_F(BalancingTest, UdpAndTcpFlowsBothCount) {
    group.protocol = "TCP_UDP";
    network.flows["10.0.0.11:80/udp"] = 1;
    learn_all();
    group.targets[0].state = TargetState::draining;
    change();
    clock.advance(seconds(3));
    EXPECT_FALSE(drained("r1"));
    network.flows.clear();
    clock.advance(seconds(1));
    EXPECT_TRUE(drained("r1"));
}

TEST_F(BalancingTest, AKernelThatDoesNotAnswerDrainsNobody) {
    learn_all();
    group.targets[0].state = TargetState::draining;
    change();
    faults.rates.fail_before = 1'000;
    clock.advance(seconds(5));
    EXPECT_FALSE(drained("r1"));
    faults.rates.fail_before = 0;
    clock.advance(seconds(1));
    EXPECT_TRUE(drained("r1"));
}

TEST_F(BalancingTest, ADeadLocalTargetLeavesTrafficAtOnceAndItsFlowsEnd) {
    learn_all();
    const auto task = a_task("t1", "10.0.0.11");
    see(task, ContainerPhase::running);
    see(a_task("t2", "10.0.0.99"), ContainerPhase::exited);  // nobody's target
    const int before = policy_changes;
    see(task, ContainerPhase::exited);
    EXPECT_EQ(policy_changes, before + 1);
    EXPECT_THAT(network.resets, IsEmpty());
    apply();
    EXPECT_THAT(serving(), ElementsAre("10.0.0.12"));
    EXPECT_THAT(network.resets, ElementsAre("10.0.0.11:80/tcp"));
    change();
    EXPECT_EQ(network.resets.size(), 1u);
    // Somebody else's now.
    see(a_task("t3", "10.0.0.11"), ContainerPhase::running);
    apply();
    EXPECT_THAT(serving(), ElementsAre("10.0.0.11", "10.0.0.12"));
    balancing.task_gone("t3");
    apply();
    EXPECT_THAT(serving(), ElementsAre("10.0.0.12"));
    balancing.task_gone("t1");
    apply();
    EXPECT_THAT(serving(), ElementsAre("10.0.0.11", "10.0.0.12"));
}

TEST_F(BalancingTest, ResetsThatFailAreRepeated) {
    learn_all();
    const auto task = a_task("t1", "10.0.0.11");
    see(task, ContainerPhase::running);
    see(task, ContainerPhase::exited);
    apply();
    network.resets.clear();
    see(task, ContainerPhase::running);
    apply();
    see(task, ContainerPhase::exited);
    wait(apply_once_and_break());
    clock.advance(seconds(1));
    EXPECT_THAT(network.resets, IsEmpty());
    faults.rates.fail_before = 0;
    clock.advance(seconds(1));
    EXPECT_THAT(network.resets, ElementsAre("10.0.0.11:80/tcp"));
}

TEST_F(BalancingTest, FlowsToUnhealthyAndToLateTargetsAreCutWhereTheGroupSaysSo) {
    learn_all();
    group.targets[0].state = TargetState::unhealthy;
    change();
    EXPECT_THAT(network.resets, IsEmpty());
    group.targets[0].state = TargetState::healthy;
    group.attributes["target_health_state.unhealthy.connection_termination.enabled"] = "true";
    group.attributes["deregistration_delay.connection_termination.enabled"] = "true";
    change();
    group.targets[0].state = TargetState::unhealthy;
    change();
    EXPECT_THAT(network.resets, ElementsAre("10.0.0.11:80/tcp"));
    // The last ones serve on.
    group.targets[1].state = TargetState::unhealthy;
    change();
    EXPECT_EQ(network.resets.size(), 1u);
    group.targets[1].state = TargetState::draining;
    change();
    EXPECT_EQ(network.resets.size(), 1u);
    group.targets.pop_back();
    change();
    EXPECT_THAT(network.resets, ElementsAre("10.0.0.11:80/tcp", "10.0.0.12:80/tcp"));
}

TEST_F(BalancingTest, NamesFollowWhatIsInForce) {
    learn_all();
    ASSERT_TRUE(names);
    EXPECT_THAT(names->zonal.at("front.elb.gantry.internal"), ElementsAre("10.0.0.1"));
    EXPECT_EQ(names->host.at("front.elb.gantry.internal"), "127.64.0.1");
    names.reset();
    change();
    EXPECT_FALSE(names);
    EXPECT_TRUE(balancing.learn("load_balancer", "lb", nullptr));
    EXPECT_FALSE(names);
    apply();
    EXPECT_TRUE(names->zonal.empty());
}

TEST_F(BalancingTest, TheProxyIsAppliedBeforeTheNetworkLeadsToIt) {
    make_application();
    proxy.fails = true;
    learn_all();
    EXPECT_EQ(network.policy().balancers.at(0).listeners.at(0).local_port, 0);
    EXPECT_EQ(balancing.http_trouble(), "the proxy is away");
    EXPECT_EQ(balancing.look_again(), Duration(400));
    proxy.fails = false;
    apply();
    EXPECT_EQ(balancing.http_trouble(), "");
    EXPECT_EQ(network.policy().balancers.at(0).listeners.at(0).local_port, 7001);
    EXPECT_EQ(network.policy().host_balancers.at(0).listeners.at(0).local_address, "169.254.171.3");
    ASSERT_EQ(proxy.state.pools.size(), 1u);
    EXPECT_EQ(proxy.state.pools[0].servers.size(), 2u);
    // At most once a second when nothing changed.
    const int applied = proxy.applied;
    apply();
    EXPECT_EQ(proxy.applied, applied);
    clock.advance(seconds(1));
    apply();
    EXPECT_EQ(proxy.applied, applied + 1);
}

TEST_F(BalancingTest, SessionsOfTheProxyDrainAndDeadTargetsAreShut) {
    make_application();
    learn_all();
    proxy.sessions = {{"g", "10.0.0.11", 80, 1}, {"other", "10.0.0.12", 80, 1}};
    group.targets[0].state = TargetState::draining;
    group.targets[1].state = TargetState::draining;
    change();
    clock.advance(seconds(5));
    const auto first = reports();
    EXPECT_TRUE(first.at("r2").drained);
    EXPECT_FALSE(first.contains("r1") && first.at("r1").drained);
    proxy.sessions.clear();
    clock.advance(seconds(1));
    EXPECT_TRUE(reports().at("r1").drained);

    group.targets[0].state = TargetState::healthy;
    change();
    const auto task = a_task("t1", "10.0.0.11");
    see(task, ContainerPhase::running);
    see(task, ContainerPhase::exited);
    apply();
    EXPECT_THAT(proxy.cut, ElementsAre("g/10.0.0.11:80"));
    EXPECT_THAT(network.resets, IsEmpty());
}

TEST_F(BalancingTest, NobodyIsDrainedWhileTheProxyMaySendToHim) {
    make_application();
    learn_all();
    group.targets[0].state = TargetState::draining;
    proxy.fails = true;
    change();
    clock.advance(seconds(5));
    EXPECT_FALSE(drained("r1"));
    proxy.fails = false;
    apply();
    clock.advance(seconds(1));
    EXPECT_TRUE(drained("r1"));
}

TEST_F(BalancingTest, AThousandTargetsInAMinute) {
    group.targets.clear();
    group.health_check.interval = 30;
    for (int i = 0; i < 1'000; ++i) {
        const std::string address = "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250);
        group.targets.push_back({address, 80, "a", TargetState::healthy, "r" + std::to_string(i)});
        prober.scripted[address] = {port::Probed::End::answered, 0};
    }
    learn_all();
    clock.advance(seconds(63));
    int probes = 0;
    for (const auto& [address, count] : prober.probes) probes += count;
    EXPECT_EQ(probes, 3'000);
    EXPECT_EQ(reports().size(), 1'000u);
}

}  // namespace
}  // namespace gantry::worker
