#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "network/world.h"

// Restarts, leftovers, reuse of addresses, removal of everything.
namespace gantry::network_test {
namespace {

class Life : public World {};

std::string host_view() {
    return shell(
               "ip -o link | cut -d: -f2 | cut -d@ -f1; ip route show table all | grep -v -e broadcast; ip "
               "rule; "
               "nft list ruleset; ls /run; grep -c gantry /proc/self/mountinfo; ip netns"
    )
        .output;
}

TEST_F(Life, AKilledProcessIsFollowedByOneThatKeepsAll) {
    group("sg-web").ingress = {rule("tcp", 80, 80, "0.0.0.0/0")};
    group("sg-web").egress = {everything()};
    int ready[2];
    ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
    network_.reset();
    auto child = ::fork();
    if (child == 0) {
        start();
        task("eni-web", "172.31.0.10", {"sg-web"});
        task("eni-old", "172.31.0.11", {"sg-web"});
        apply();
        ::close(ready[1]);
        ::pause();
    }
    ::close(ready[1]);
    char end;
    EXPECT_EQ(::read(ready[0], &end, 1), 0);
    ::close(ready[0]);
    auto netns = options_.directory + "/eni-web";
    Server server(netns, "0.0.0.0", 80);
    Client client("", "172.31.0.10", 80);
    ASSERT_TRUE(client.echo("before"));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_TRUE(client.echo("nobody watches"));
    EXPECT_EQ(tcp("", "172.31.0.10", 80), Reach::open);

    start();
    auto found = wait(network_->list());
    ASSERT_TRUE(found.has_value()) << found.error().message;
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ((*found)[0].id, "eni-old");
    EXPECT_EQ((*found)[1].id, "eni-web");
    EXPECT_EQ((*found)[1].address, "172.31.0.10");
    EXPECT_EQ((*found)[1].netns_path, netns);
    auto inode = shell("stat -Lc %i " + netns).output;
    EXPECT_EQ(attach("eni-web", "172.31.0.10").netns_path, netns);
    EXPECT_EQ(shell("stat -Lc %i " + netns).output, inode) << "the same namespace";
    EXPECT_TRUE(client.echo("adopted, nothing applied"));
    state_.enis = {{"eni-web", "172.31.0.10", "vpc-a", {"sg-web"}}};
    apply();
    EXPECT_TRUE(client.echo("applied"));
    ASSERT_TRUE(wait(network_->detach("eni-old")).has_value());
    found = wait(network_->list());
    ASSERT_EQ(found->size(), 1U);
    auto taken = wait(network_->attach({"eni-new", "172.31.0.10", "02:00:00:00:00:02"}));
    ASSERT_FALSE(taken.has_value());
    EXPECT_EQ(taken.error().errc, Errc::conflict);
    auto other = wait(network_->attach({"eni-web", "172.31.0.99", "02:00:00:00:00:01"}));
    ASSERT_FALSE(other.has_value());
    EXPECT_EQ(other.error().errc, Errc::conflict);
    EXPECT_TRUE(client.echo("after"));
}

TEST_F(Life, AnAddressIsReusedWithoutItsHistory) {
    group("sg-web").ingress = {rule("tcp", 80, 80, "sg-web"), rule("udp", 80, 80, "0.0.0.0/0")};
    group("sg-web").egress = {everything()};
    auto web = task("eni-web", "172.31.0.10", {"sg-web"});
    auto peer = task("eni-peer", "172.31.0.11", {"sg-web"});
    apply();
    auto count = [&] {
        return shell("conntrack -L 2>/dev/null | grep -c 172.31.0.10", options_.directory + "/router").output;
    };
    auto server = std::make_unique<Server>(web, "0.0.0.0", 80);
    Client client(peer, "172.31.0.10", 80);
    EXPECT_EQ(udp("", "172.31.0.10", 80), Reach::open);
    EXPECT_EQ(count(), "2\n");
    server.reset();
    ASSERT_TRUE(wait(network_->detach("eni-web")).has_value());
    EXPECT_EQ(count(), "0\n");
    EXPECT_EQ(tcp("", "172.31.0.10", 80), Reach::unreachable);
    EXPECT_TRUE(wait(network_->detach("eni-web")).has_value()) << "again is fine";
    state_.enis.erase(state_.enis.begin());
    auto next = task("eni-next", "172.31.0.10", {});
    apply();
    Server second(next, "0.0.0.0", 80);
    EXPECT_EQ(tcp(peer, "172.31.0.10", 80), Reach::silent) << "the new owner's groups hold";
    EXPECT_FALSE(client.echo("ghost"));
    EXPECT_EQ(count(), "0\n") << "refused packets leave no entry";
}

TEST_F(Life, AProcessThatStaysBehindKeepsNothing) {
    group("sg-web").ingress = {everything()};
    auto web = task("eni-web", "172.31.0.10", {"sg-web"});
    apply();
    auto sleeper = ::fork();
    if (sleeper == 0) {
        ::execlp("nsenter", "nsenter", ("--net=" + web).c_str(), "sleep", "1000", nullptr);
        ::_exit(1);
    }
    while (shell("readlink /proc/" + std::to_string(sleeper) + "/ns/net").output ==
           shell("readlink /proc/1/ns/net").output) {
    }
    ASSERT_TRUE(wait(network_->detach("eni-web")).has_value());
    EXPECT_TRUE(wait(network_->list())->empty()) << "the kernel usually removes it in the background";
    start();
    auto found = wait(network_->list());
    ASSERT_EQ(found->size(), 1U);
    EXPECT_EQ((*found)[0].netns_path, "") << "the link is left, and said";
    ASSERT_TRUE(wait(network_->detach("eni-web")).has_value());
    EXPECT_TRUE(wait(network_->list())->empty());
    attach("eni-web", "172.31.0.10");
    EXPECT_EQ(tcp("", "172.31.0.10", 80), Reach::refused);
    ::kill(sleeper, SIGKILL);
    ::waitpid(sleeper, nullptr, 0);
}

TEST_F(Life, UsageIsTheTasksOwn) {
    group("sg-web").ingress = {everything()};
    auto web = task("eni-web", "172.31.0.10", {"sg-web"});
    apply();
    Server server(web, "0.0.0.0", 80);
    Client client("", "172.31.0.10", 80);
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(client.echo(std::string(1000, 'x')));
    auto usage = wait(network_->usage("eni-web"));
    ASSERT_TRUE(usage.has_value());
    EXPECT_GT(usage->received_bytes, 10'000U);
    EXPECT_GT(usage->sent_bytes, 10'000U);
    EXPECT_LT(usage->sent_bytes, 20'000U);
    EXPECT_EQ(wait(network_->usage("eni-none")).error().errc, Errc::not_found);
}

TEST_F(Life, DamageFromOutsideIsHealed) {
    group("sg-web").ingress = {rule("tcp", 80, 80, "0.0.0.0/0")};
    task("eni-web", "172.31.0.10", {"sg-web"});
    apply();
    auto router = options_.directory + "/router";
    // Someone emptied the table: the next difference does not fit, so the whole is replaced.
    EXPECT_EQ(
        shell("nft flush map ip gantry to_ingress; nft flush chain ip gantry gi_sg_web", router).code, 0
    );
    EXPECT_EQ(tcp("", "172.31.0.10", 80), Reach::silent);
    eni("eni-web").groups = {};
    apply();
    eni("eni-web").groups = {"sg-web"};
    apply();
    EXPECT_EQ(tcp("", "172.31.0.10", 80), Reach::refused);
    // Or deleted it, or the host's link.
    EXPECT_EQ(shell("nft delete table ip gantry", router).code, 0);
    group("sg-web").ingress.push_back(rule("tcp", 81, 81, "0.0.0.0/0"));
    apply();
    EXPECT_EQ(tcp("", "172.31.0.10", 81), Reach::refused);
    shell("ip link del gh0");
    apply();
    EXPECT_EQ(tcp("", "172.31.0.10", 81), Reach::refused);
    // The nft process dies.
    shell("kill -9 $(pgrep -x nft)");
    group("sg-web").ingress.push_back(rule("tcp", 82, 82, "0.0.0.0/0"));
    apply();
    EXPECT_EQ(tcp("", "172.31.0.10", 82), Reach::refused);
}

TEST_F(Life, TeardownLeavesNothing) {
    ASSERT_TRUE(wait(network_->teardown()).has_value());
    auto before = host_view();
    start();
    group("sg-web").ingress = {rule("tcp", 80, 80, "0.0.0.0/0")};
    for (int i = 10; i < 20; ++i)
        task("eni-" + std::to_string(i), "172.31.0." + std::to_string(i), {"sg-web"});
    apply();
    EXPECT_NE(host_view(), before);
    ASSERT_TRUE(wait(network_->teardown()).has_value());
    EXPECT_EQ(host_view(), before);
    EXPECT_EQ(shell("ps -eo stat=,comm= | grep nft | grep -v ^Z").output, "");
    // And the object goes on.
    attach("eni-10", "172.31.0.10");
    apply();
    EXPECT_EQ(tcp("", "172.31.0.10", 80), Reach::refused);
}

}  // namespace
}  // namespace gantry::network_test
