#include "network/world.h"

// The way outside, with a second namespace that plays the internet (8.8.8.8 behind 192.0.2.1).
namespace gantry::network_test {
namespace {

class OutsideWorld : public World {
  protected:
    OutsideWorld() {
        shell("ip netns add internet");
        shell("ip link add wan0 type veth peer name wan1 netns internet");
        shell("ip addr add 192.0.2.2/24 dev wan0; ip link set wan0 up; ip route add default via 192.0.2.1");
        shell("ip addr add 192.0.2.1/24 dev wan1; ip link set wan1 up; ip link set lo up", internet_);
        shell("ip addr add 8.8.8.8/32 dev lo; ip addr add 169.254.169.254/32 dev lo", internet_);
        shell("ip route add 169.254.169.254/32 via 192.0.2.1");
        server_ = std::make_unique<Server>(internet_, "8.8.8.8", 80);
        host_ = std::make_unique<Server>("", "0.0.0.0", 8080);
        group("sg-open").egress = {everything()};
        group("sg-web").egress = {rule("tcp", 443, 443, "0.0.0.0/0"), rule("udp", 80, 80, "0.0.0.0/0")};
        inside_ = task("eni-inside", "172.31.0.10", {"sg-open"});
        open_ = task("eni-open", "172.31.0.11", {"sg-open"});
        web_ = task("eni-web", "172.31.0.12", {"sg-web"});
        eni("eni-open").outside = eni("eni-web").outside = true;
    }
    ~OutsideWorld() override {
        shell("ip link del wan0; ip netns del internet; echo 0 > /proc/sys/net/ipv4/ip_forward");
    }

    void prove() {
        Client client(open_, "8.8.8.8", 80);
        ASSERT_TRUE(client.connected());
        EXPECT_EQ(client.seen_as(), "192.0.2.2") << "by the host's address";
        EXPECT_TRUE(client.echo("hello"));
        EXPECT_EQ(udp(open_, "8.8.8.8", 80), Reach::open);
        EXPECT_EQ(tcp(inside_, "8.8.8.8", 80), Reach::unreachable) << "no public address";
        EXPECT_EQ(tcp(web_, "8.8.8.8", 80), Reach::silent) << "its group lets only 443 out";
        EXPECT_EQ(udp(web_, "8.8.8.8", 80), Reach::open);
        EXPECT_EQ(tcp(open_, "172.31.0.77", 80), Reach::unreachable) << "the VPC's own addresses never leave";
        EXPECT_NE(tcp(open_, "169.254.169.254", 80), Reach::open) << "the cloud's metadata of the host";
        for (const char* address :
             {"192.0.2.2", "169.254.171.1", "169.254.171.2", "169.254.172.1", "169.254.172.2"}) {
            EXPECT_NE(tcp(open_, address, 8080), Reach::open) << address;
            EXPECT_NE(udp(open_, address, 8080), Reach::open) << address;
        }
    }

    std::string internet_ = "/run/netns/internet";
    std::unique_ptr<Server> server_, host_;
    std::string inside_, open_, web_;
};

TEST_F(OutsideWorld, ThroughPasta) {
    auto applied = apply();
    ASSERT_EQ(applied.outside, port::OutsideAccess::userspace) << applied.outside_reason;
    prove();
    // A new process finds the helper and keeps it, and open connections with it.
    Client client(open_, "8.8.8.8", 80);
    auto pid = shell("cat " + options_.directory + "/pasta.pid").output;
    start();
    EXPECT_EQ(apply().outside, port::OutsideAccess::userspace);
    EXPECT_EQ(shell("cat " + options_.directory + "/pasta.pid").output, pid);
    EXPECT_TRUE(client.echo("still"));
    // Killed, it is started again.
    shell("kill -9 " + pid);
    start();
    EXPECT_EQ(apply().outside, port::OutsideAccess::userspace);
    prove();
    // No longer wanted, it ends, and the host's table goes.
    eni("eni-open").outside = eni("eni-web").outside = false;
    EXPECT_EQ(apply().outside, port::OutsideAccess::unused);
    EXPECT_EQ(shell("nft list tables; ps -eo stat=,comm= | grep -e pasta -e passt | grep -v ^Z").output, "");
    EXPECT_EQ(tcp(open_, "8.8.8.8", 80), Reach::unreachable);
}

TEST_F(OutsideWorld, ThroughTheKernelWhereTheHostForwards) {
    shell("echo 1 > /proc/sys/net/ipv4/ip_forward");
    auto applied = apply();
    ASSERT_EQ(applied.outside, port::OutsideAccess::kernel) << applied.outside_reason;
    prove();
    EXPECT_EQ(
        shell("ping -c1 -W1 8.8.8.8 >/dev/null 2>&1; conntrack -L 2>/dev/null | grep -c 127.0.0.1").output,
        "0\n"
    );
}

TEST_F(OutsideWorld, ThroughPastaBesideDocker) {
    shell("echo 1 > /proc/sys/net/ipv4/ip_forward");
    shell(
        "nft 'add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; policy "
        "drop; }'"
    );
    auto applied = apply();
    EXPECT_EQ(applied.outside, port::OutsideAccess::userspace) << applied.outside_reason;
    prove();
    shell("nft delete table ip filter");
}

TEST_F(OutsideWorld, AHostWithoutANetworkSaysSo) {
    shell("ip route del default; ip link del wan0");
    auto applied = apply();
    EXPECT_EQ(applied.outside, port::OutsideAccess::unavailable);
    EXPECT_NE(applied.outside_reason, "");
    EXPECT_EQ(tcp(open_, "8.8.8.8", 80), Reach::unreachable);
}

}  // namespace
}  // namespace gantry::network_test
