#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "network/balancer.h"

// Where flows go, how they end, and that nothing which flows is disturbed.
namespace gantry::network_test {
namespace {

class BalancerTargets : public Balanced {
  protected:
    BalancerTargets()
        : one_(open_task("eni-one", "172.31.0.10")),
          two_(open_task("eni-two", "172.31.0.11")),
          client_(open_task("eni-client", "172.31.0.12")) {}

    const port::FlowTarget first_{"172.31.0.10", 80}, second_{"172.31.0.11", 80};
    std::string one_, two_, client_;
};

TEST_F(BalancerTargets, WeightsAreRespected) {
    listen_everywhere(80, {{"172.31.0.10", 80, 1}, {"172.31.0.11", 80, 3}});
    listen_everywhere(81, {{"172.31.0.10", 80, 700'000'000}, {"172.31.0.11", 80, 2'100'000'000}});
    apply();
    Server one(one_, "0.0.0.0", 80), two(two_, "0.0.0.0", 80);
    int before = 0;
    for (std::uint16_t port : {80, 81}) {
        for (int i = 0; i < 300; ++i) ASSERT_TRUE(Client("", "127.64.0.1", port).connected());
        for (int i = 0; i < 300; ++i) ASSERT_TRUE(Client(client_, "172.31.9.1", port).connected());
        int at_first = one.accepted() - before;
        EXPECT_GT(at_first, 90) << "a quarter of 600";
        EXPECT_LT(at_first, 210);
        before = one.accepted();
    }
    EXPECT_EQ(one.accepted() + two.accepted(), 1200);
}

TEST_F(BalancerTargets, EveryZoneHasItsOwn) {
    balancer("lb-a", "172.31.9.2");
    listen("172.31.9.1", 80, {first_});
    listen("172.31.9.2", 80, {second_});
    listen("127.64.0.1", 80, {first_, second_});
    apply();
    Server one(one_, "0.0.0.0", 80), two(two_, "0.0.0.0", 80);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(Client(client_, "172.31.9.1", 80).seen_as(), "172.31.9.1");
    EXPECT_EQ(one.accepted(), 20);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(Client(client_, "172.31.9.2", 80).seen_as(), "172.31.9.2");
    EXPECT_EQ(two.accepted(), 20);
    for (int i = 0; i < 60; ++i) ASSERT_TRUE(Client("", "127.64.0.1", 80).connected());
    EXPECT_GT(one.accepted(), 30);
    EXPECT_GT(two.accepted(), 30);
}

TEST_F(BalancerTargets, DrainingLetsOpenFlowsFinish) {
    listen_everywhere(80, {first_});
    apply();
    Server one(one_, "0.0.0.0", 80), two(two_, "0.0.0.0", 80);
    Client host("", "127.64.0.1", 80), localhost("", "127.0.0.1", 80), task(client_, "172.31.9.1", 80);
    ASSERT_TRUE(host.echo("a") && localhost.echo("a") && task.echo("a"));
    EXPECT_EQ(flows("172.31.0.10", 80), 3);
    listen_everywhere(80, {second_});
    apply();
    EXPECT_TRUE(host.echo("b") && localhost.echo("b") && task.echo("b"));
    EXPECT_EQ(flows("172.31.0.10", 80), 3);
    EXPECT_EQ(one.accepted(), 3);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(tcp("", "127.64.0.1", 80), Reach::open);
    EXPECT_EQ(one.accepted(), 3) << "no new one";
    // The balancer goes without targets, and even without its listener: open flows stay.
    listen_everywhere(80, {});
    apply();
    EXPECT_TRUE(host.echo("c") && localhost.echo("c") && task.echo("c"));
    EXPECT_EQ(tcp("", "127.64.0.1", 80), Reach::refused);
    // AWS tracks what goes through a balancer, whatever becomes of groups.
    group("sg-open").ingress = {};
    group("sg-none");
    state_.enis[0].groups = {"sg-none"};
    apply();
    EXPECT_TRUE(host.echo("d") && localhost.echo("d") && task.echo("d"));
}

TEST_F(BalancerTargets, FlowsAreCounted) {
    listen_everywhere(80, {first_});
    listen_everywhere(80, {second_}, "udp");
    apply();
    EXPECT_EQ(flows("172.31.0.10", 80), 0);
    Server one(one_, "0.0.0.0", 80), two(two_, "0.0.0.0", 80);
    Client direct(client_, "172.31.0.10", 80);
    {
        Client through(client_, "172.31.9.1", 80), another("", "127.64.0.1", 80);
        ASSERT_TRUE(through.connected() && another.connected() && direct.connected());
        EXPECT_EQ(flows("172.31.0.10", 80), 2) << "direct ones do not count";
        EXPECT_EQ(flows("172.31.0.10", 81), 0);
        EXPECT_EQ(flows("172.31.0.10", 80, "udp"), 0);
    }
    for (int i = 0; i < 1000 && flows("172.31.0.10", 80) > 0; ++i) {
    }
    EXPECT_EQ(flows("172.31.0.10", 80), 0) << "closing ones do not count";
    Datagrams datagrams("", "127.64.0.1", 80);
    ASSERT_TRUE(datagrams.echo("x"));
    auto all = wait(network_->balanced_flows(
        {{"172.31.0.11", 80, "udp"}, {"172.31.0.10", 80, "tcp"}, {"172.31.0.11", 80, "udp"}}
    ));
    EXPECT_EQ(*all, (std::vector<int>{1, 0, 1}));
    EXPECT_EQ(wait(network_->balanced_flows({{"x", 80, "tcp"}})).error().errc, Errc::invalid);
    EXPECT_EQ(wait(network_->reset_flows({"172.31.0.10", 80, "icmp"})).error().errc, Errc::invalid);
}

TEST_F(BalancerTargets, TrafficIsMeasured) {
    listen_everywhere(80, {first_});
    listen_everywhere(81, {{"172.31.0.10", 81}});
    listen("172.31.9.1", 80, {second_}, "udp");
    apply();
    const auto carried = [&](const std::string& address, const std::string& protocol) {
        auto all = wait(network_->traffic());
        EXPECT_TRUE(all.has_value()) << all.error().message;
        for (const auto& one : all.value_or(std::vector<port::EntranceTraffic>{}))
            if (one.address == address && one.protocol == protocol) return one;
        ADD_FAILURE() << "nothing of " << address;
        return port::EntranceTraffic{};
    };
    EXPECT_EQ(carried("172.31.9.1", "tcp"), (port::EntranceTraffic{"172.31.9.1", "tcp"}));
    Server one(one_, "0.0.0.0", 80), two(two_, "0.0.0.0", 80);
    Client through(client_, "172.31.9.1", 80), another(client_, "172.31.9.1", 80), host("", "127.64.0.1", 80);
    Client direct(client_, "172.31.0.10", 80);
    ASSERT_TRUE(through.echo("a") && another.connected() && host.connected() && direct.echo("a"));
    auto now = carried("172.31.9.1", "tcp");
    EXPECT_EQ(now.open_flows, 2U);
    EXPECT_EQ(now.new_flows, 2U);
    EXPECT_GE(now.packets, 2 * 3 + 2U);
    EXPECT_GE(now.bytes, now.packets * 40);
    EXPECT_EQ(now.target_resets, 0U);
    const auto packets = now.packets;
    // What has not changed since is no traffic; what goes on is.
    ASSERT_TRUE(through.echo("b"));
    now = carried("172.31.9.1", "tcp");
    EXPECT_EQ(now.new_flows, 0U);
    EXPECT_EQ(now.open_flows, 2U);
    EXPECT_LT(now.packets, packets);
    EXPECT_GE(now.packets, 2U);
    // Nobody listens there: the target says so.
    EXPECT_EQ(tcp(client_, "172.31.9.1", 81), Reach::refused);
    now = carried("172.31.9.1", "tcp");
    EXPECT_EQ(now.new_flows, 1U);
    EXPECT_EQ(now.target_resets, 1U);
    EXPECT_EQ(now.client_resets, 0U);
    Datagrams datagrams(client_, "172.31.9.1", 80);
    ASSERT_TRUE(datagrams.echo("x"));
    EXPECT_EQ(tcp("", "127.64.0.1", 81), Reach::refused);
    now = carried("172.31.9.1", "udp");
    EXPECT_EQ(now.new_flows, 1U);
    EXPECT_EQ(now.open_flows, 1U);
    EXPECT_EQ(now.packets, 2U);
}

TEST_F(BalancerTargets, ADeadTargetLetsNobodyHang) {
    listen_everywhere(80, {first_});
    listen_everywhere(81, {first_});
    state_.balancers[0].listeners[1].preserve_client = true;
    apply();
    auto one = std::make_unique<Server>(one_, "0.0.0.0", 80);
    Client host("", "172.31.9.1", 80), alias("", "127.64.0.1", 80), localhost("", "127.0.0.1", 80);
    Client task(client_, "172.31.9.1", 80), preserved(client_, "172.31.9.1", 81);
    Client itself(one_, "172.31.9.1", 80);
    Client direct(client_, "172.31.0.10", 80);
    EXPECT_EQ(flows("172.31.0.10", 80), 6);
    // It hangs: its link is dead while its processes are not.
    shell("ip link set eth0 down", one_);
    listen_everywhere(80, {second_});
    apply();
    reset("172.31.0.10", 80);
    EXPECT_EQ(flows("172.31.0.10", 80), 0);
    // None of them says anything: each only waits for an answer.
    for (auto* client : {&host, &alias, &localhost, &task, &preserved}) EXPECT_TRUE(client->is_reset());
    EXPECT_FALSE(direct.is_reset()) << "no business of the balancer";
}

TEST_F(BalancerTargets, ADetachedTargetLetsNobodyHang) {
    listen_everywhere(80, {first_});
    apply();
    Server one(one_, "0.0.0.0", 80);
    Client host("", "172.31.9.1", 80), alias("", "127.64.0.1", 80), localhost("", "127.0.0.1", 80);
    Client task(client_, "172.31.9.1", 80);
    ASSERT_TRUE(host.echo("a") && alias.echo("a") && localhost.echo("a") && task.echo("a"));
    ASSERT_TRUE(wait(network_->detach("eni-one")).has_value());
    for (auto* client : {&host, &alias, &localhost, &task}) EXPECT_TRUE(client->is_reset());
    EXPECT_EQ(tcp("", "127.64.0.1", 80), Reach::unreachable) << "said at once until it is taken out";
}

TEST_F(BalancerTargets, ABalancerThatGoesLetsNobodyHang) {
    listen_everywhere(80, {first_});
    apply();
    Server one(one_, "0.0.0.0", 80);
    Client task(client_, "172.31.9.1", 80);
    ASSERT_TRUE(task.echo("a"));
    state_.balancers.clear();
    state_.host_balancers.clear();
    apply();
    EXPECT_TRUE(task.is_reset());
    EXPECT_EQ(flows("172.31.0.10", 80), 0);
}

TEST_F(BalancerTargets, UdpStaysAndMoves) {
    listen_everywhere(53, {first_, second_}, "udp");
    apply();
    Server one(one_, "0.0.0.0", 80), two(two_, "0.0.0.0", 80);
    Datagrams host("", "127.64.0.1", 53), task(client_, "172.31.9.1", 53), localhost("", "127.0.0.1", 53);
    for (auto* flow : {&host, &task, &localhost}) {
        int before = one.datagrams();
        for (int i = 0; i < 10; ++i) ASSERT_TRUE(flow->echo("x"));
        EXPECT_EQ((one.datagrams() - before) % 10, 0) << "one flow, one target";
    }
    EXPECT_EQ(one.datagrams() + two.datagrams(), 30);
    // The tracking entry ends, the rules are replaced: the same flow comes to the same target.
    for (auto* flow : {&host, &task, &localhost}) {
        int before = one.datagrams();
        for (int i = 0; i < 5; ++i) {
            ASSERT_TRUE(flow->echo("y"));
            shell("conntrack -D -p udp", options_.directory + "/router");
            start();
            apply();
        }
        EXPECT_EQ((one.datagrams() - before) % 5, 0);
    }
    // Draining keeps the flows; a dead target gives them away.
    listen_everywhere(53, {second_}, "udp");
    apply();
    for (auto* flow : {&host, &task, &localhost}) ASSERT_TRUE(flow->echo("z"));
    reset("172.31.0.10", 80, "udp");
    EXPECT_EQ(flows("172.31.0.10", 80, "udp"), 0);
    int moved = one.datagrams();
    for (auto* flow : {&host, &task, &localhost}) EXPECT_TRUE(flow->echo("w"));
    EXPECT_EQ(one.datagrams(), moved);
}

TEST_F(BalancerTargets, ChangesUnderLoadFailNoRequest) {
    listen_everywhere(80, {first_});
    apply();
    Server one(one_, "0.0.0.0", 80), two(two_, "0.0.0.0", 80);
    Load host("", "127.64.0.1", 80), localhost("", "127.0.0.1", 80), task(client_, "172.31.9.1", 80);
    const std::vector<port::FlowTarget> lists[] = {{first_}, {second_}, {second_, first_}};
    for (int i = 0; i < 60; ++i) {
        listen_everywhere(80, lists[i % 3]);
        if (i % 7 == 0) group("sg-" + std::to_string(i)).ingress = {everything()};
        apply();
        ASSERT_TRUE(task.more(3));
    }
    // New processes find what there is, and replace it as a whole.
    for (int i = 0; i < 10; ++i) {
        start();
        apply();
        ASSERT_TRUE(host.more(5) && localhost.more(5) && task.more(5));
    }
    EXPECT_EQ(host.failures() + localhost.failures() + task.failures(), 0);
    EXPECT_GT(two.accepted(), 0);
}

TEST_F(BalancerTargets, TrafficGoesOnWhileNobodyWatches) {
    listen_everywhere(80, {first_, second_});
    int ready[2];
    ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
    network_.reset();
    auto child = ::fork();
    if (child == 0) {
        start();
        apply();
        ::close(ready[1]);
        ::pause();
    }
    ::close(ready[1]);
    char end;
    EXPECT_EQ(::read(ready[0], &end, 1), 0);
    ::close(ready[0]);
    Server one(one_, "0.0.0.0", 80), two(two_, "0.0.0.0", 80);
    Client open("", "127.0.0.1", 80);
    Load load("", "127.0.0.1", 80);
    ASSERT_TRUE(load.more(20));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ASSERT_TRUE(load.more(20));
    start();
    apply();
    ASSERT_TRUE(load.more(20));
    EXPECT_EQ(load.failures(), 0);
    EXPECT_TRUE(open.echo("still"));
}

TEST_F(BalancerTargets, DamageIsHealed) {
    listen_everywhere(80, {first_});
    apply();
    Server one(one_, "0.0.0.0", 80), two(two_, "0.0.0.0", 80);
    // The next difference does not fit: the whole is listed anew and replaced.
    auto flushed = shell(
        "nft flush map ip gantry lb_dispatch; nft flush chain ip gantry lb_127_64_0_1_tcp_80",
        options_.directory + "/router"
    );
    EXPECT_EQ(flushed.code, 0) << flushed.output;
    EXPECT_EQ(tcp("", "127.64.0.1", 80), Reach::refused);
    listen_everywhere(80, {});
    apply();
    listen_everywhere(80, {second_});
    apply();
    EXPECT_EQ(tcp("", "127.64.0.1", 80), Reach::open);
    EXPECT_EQ(tcp(client_, "172.31.9.1", 80), Reach::open);
    // Somebody restarts the host's firewall.
    shell("nft flush ruleset");
    EXPECT_EQ(tcp("", "127.0.0.1", 80), Reach::refused);
    for (int i = 0; i < 100 && tcp("", "127.0.0.1", 80) != Reach::open; ++i) {
        ::usleep(100'000);
        apply();
    }
    EXPECT_EQ(tcp("", "127.0.0.1", 80), Reach::open) << "seen at the next look at the host";
}

}  // namespace
}  // namespace gantry::network_test
