#include "network/world.h"

// What must not get through: forged senders, other VPCs, the host's services.
namespace gantry::network_test {
namespace {

class Isolation : public World {};

TEST_F(Isolation, ATaskSendsOnlyFromItsOwnAddress) {
    group("sg-all").ingress = {everything()};
    group("sg-all").egress = {everything()};
    auto a = task("eni-a", "172.31.0.11", {"sg-all"});
    auto b = task("eni-b", "172.31.0.12", {"sg-all"});
    task("eni-c", "172.31.0.13", {"sg-all"});
    apply();
    Server server(b, "0.0.0.0", 80);
    ASSERT_EQ(tcp(a, "172.31.0.12", 80), Reach::open);
    shell("ip addr add 172.31.0.13/32 dev eth0; ip addr add 8.8.8.8/32 dev eth0", a);
    EXPECT_EQ(tcp(a, "172.31.0.12", 80, "172.31.0.13"), Reach::silent);
    EXPECT_EQ(tcp(a, "172.31.0.12", 80, "8.8.8.8"), Reach::silent);
    EXPECT_EQ(
        shell("conntrack -L 2>/dev/null | grep -c 8.8.8.8", options_.directory + "/router").output, "0\n"
    );
    EXPECT_EQ(tcp(a, "172.31.0.12", 80), Reach::open);
}

TEST_F(Isolation, VpcsWithEqualCidrsAreApart) {
    group("sg-all").ingress = {everything()};
    group("sg-all").egress = {everything()};
    state_.vpcs.push_back({"vpc-b", {"172.31.0.0/16"}});
    auto a = task("eni-a", "172.31.0.11", {"sg-all"});
    auto b = task("eni-b", "172.31.0.12", {"sg-all"});
    auto c = task("eni-c", "172.31.0.13", {"sg-all"});
    eni("eni-b").vpc = eni("eni-c").vpc = "vpc-b";
    apply();
    Server server(b, "0.0.0.0", 80);
    EXPECT_EQ(tcp(a, "172.31.0.12", 80), Reach::silent);
    EXPECT_EQ(tcp(c, "172.31.0.12", 80), Reach::open);
    EXPECT_EQ(tcp("", "172.31.0.12", 80), Reach::open) << "the host reaches both";
    EXPECT_EQ(tcp(c, "172.31.0.77", 80), Reach::unreachable) << "nobody there: said at once";
    EXPECT_EQ(tcp(c, "10.1.2.3", 80), Reach::unreachable) << "no way outside";
    EXPECT_EQ(tcp("", "172.31.0.77", 80), Reach::unreachable);
}

TEST_F(Isolation, HostServicesStayOutOfReach) {
    group("sg-all").ingress = {everything()};
    group("sg-all").egress = {everything()};
    auto a = task("eni-a", "172.31.0.11", {"sg-all"});
    apply();
    Server host("", "0.0.0.0", 8080);
    ASSERT_EQ(tcp("", "127.0.0.1", 8080), Reach::open);
    for (const char* address :
         {"169.254.171.1", "169.254.171.2", "169.254.1.1", "127.0.0.1", "169.254.170.2"}) {
        EXPECT_NE(tcp(a, address, 8080), Reach::open) << address;
        EXPECT_NE(udp(a, address, 8080), Reach::open) << address;
    }
    EXPECT_EQ(tcp("", "169.254.171.2", 8080), Reach::refused) << "the router has no services for the host";
}

TEST_F(Isolation, ServicesInTasks) {
    state_.vpcs.push_back({"vpc-b", {"172.31.0.0/16", "10.7.0.0/20"}});
    auto a = task("eni-a", "172.31.0.11", {});
    auto b = task("eni-b", "10.7.0.12", {});
    auto c = task("eni-c", "10.7.0.2", {});  // in vpc-a: an odd address that is vpc-b's resolver for others
    eni("eni-b").vpc = "vpc-b";
    apply();
    auto listener = wait(network_->listen_tcp(port::metadata_address, 80));
    ASSERT_TRUE(listener.has_value()) << listener.error().message;
    EXPECT_FALSE(wait(network_->listen_tcp(port::metadata_address, 80)).has_value());
    Server metadata(std::move(*listener));
    auto dns = wait(network_->listen_tcp(port::resolver_address, 53));
    ASSERT_TRUE(dns.has_value()) << dns.error().message;
    Server resolver(std::move(*dns));
    for (const auto& [netns, own] : {std::pair(a, "172.31.0.11"), std::pair(b, "10.7.0.12")}) {
        EXPECT_EQ(Client(netns, "169.254.170.2", 80).seen_as(), own) << "no group is asked";
        EXPECT_EQ(Client(netns, "169.254.169.253", 53).seen_as(), own);
        EXPECT_EQ(Client(netns, "172.31.0.2", 53).seen_as(), own);
        EXPECT_EQ(tcp(netns, "169.254.170.2", 81), Reach::refused);
        EXPECT_EQ(tcp(netns, "172.31.0.2", 80), Reach::unreachable);
    }
    EXPECT_EQ(Client(b, "10.7.0.2", 53).seen_as(), "10.7.0.12");
    EXPECT_NE(tcp(a, "10.7.0.2", 53), Reach::open) << "vpc-a's ENI there, and vpc-a's groups say no";
    EXPECT_NE(tcp("", "169.254.170.2", 80), Reach::open) << "only for tasks";
    apply();
    EXPECT_EQ(Client(a, "169.254.170.2", 80).seen_as(), "172.31.0.11");
    auto foreign = wait(network_->listen_tcp("8.8.8.8", 80));
    ASSERT_FALSE(foreign.has_value());
    EXPECT_EQ(foreign.error().errc, Errc::invalid);
}

TEST_F(Isolation, WorksOnAStrictHostAndLeavesItAsItWas) {
    shell("echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter; echo 1 > /proc/sys/net/ipv4/conf/default/rp_filter"
    );
    shell("echo 0 > /proc/sys/net/ipv4/ip_forward");
    shell(
        "nft 'add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; policy "
        "drop; }'"
    );
    start();
    auto sysctls =
        shell("sysctl -a 2>/dev/null | grep -v -e 'gh0' -e random -e nf_conntrack_count -e nr_ -e vm.")
            .output;
    auto rules = shell("nft list ruleset").output;
    group("sg-web").ingress = {rule("tcp", 80, 80, "0.0.0.0/0")};
    auto web = task("eni-web", "172.31.0.10", {"sg-web"});
    apply();
    Server server(web, "0.0.0.0", 80);
    EXPECT_EQ(tcp("", "172.31.0.10", 80), Reach::open);
    EXPECT_EQ(shell("nft list ruleset").output, rules);
    EXPECT_EQ(
        shell("cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/all/rp_filter").output, "0\n1\n"
    );
    EXPECT_EQ(shell("ip -6 addr show dev gh0").output, "");
    shell("nft delete table ip filter");
    shell("echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter; echo 0 > /proc/sys/net/ipv4/conf/default/rp_filter"
    );
}

TEST_F(Isolation, OverlapWithTheHostsNetwork) {
    shell("ip link add lan0 type veth peer name lan1; ip addr add 10.20.3.4/24 dev lan0; ip link set lan0 up"
    );
    shell("echo nameserver 10.55.0.53 > /run/resolv-test.conf");
    state_.vpcs = {
        {"vpc-a", {"10.20.0.0/16", "10.21.0.0/16"}}, {"vpc-b", {"10.0.0.0/10"}}, {"vpc-c", {"10.55.0.0/16"}}
    };
    group("sg-all").ingress = {everything()};
    group("sg-all").egress = {everything()};
    auto a = task("eni-a", "10.20.3.4", {"sg-all"});  // the very address of the host
    auto b = task("eni-b", "10.21.0.2", {"sg-all"});
    auto applied = apply();
    ASSERT_EQ(applied.host_routes.size(), 4U);
    EXPECT_FALSE(applied.host_routes[0].direct);
    EXPECT_NE(applied.host_routes[0].reason.find("10.20.0.0/16 overlaps the host's"), std::string::npos)
        << applied.host_routes[0].reason;
    EXPECT_TRUE(applied.host_routes[1].direct);
    EXPECT_FALSE(applied.host_routes[2].direct);
    EXPECT_FALSE(applied.host_routes[3].direct);
    EXPECT_NE(applied.host_routes[3].reason.find("name server 10.55.0.53"), std::string::npos);
    EXPECT_EQ(shell("ip route show dev gh0").output.find("10.20"), std::string::npos);
    Server server(a, "0.0.0.0", 80), host("", "10.20.3.4", 80);
    EXPECT_EQ(Client(b, "10.20.3.4", 80).seen_as(), "10.21.0.2") << "the task, not the host";
    EXPECT_EQ(Client("", "10.20.3.4", 80).seen_as(), "10.20.3.4") << "the host itself";

    shell("ip link del lan0");
    state_.vpcs[1].cidrs = {"10.64.0.0/10"};  // makes apply() look at the host again
    applied = apply();
    EXPECT_TRUE(applied.host_routes[0].direct);
    state_.vpcs.pop_back();
    state_.vpcs.pop_back();
    apply();
    EXPECT_EQ(shell("ip route show dev gh0").output.find("10.64"), std::string::npos)
        << "routes go with their VPC";
}

class SecondWorld : public World {
  protected:
    SecondWorld() : World(1) {}
};

TEST_F(SecondWorld, LivesBesideAnother) {
    adapter::routernet::RouterNetwork other(adapter::routernet::options_for("box0", "/run/gantry-test0", 0));
    port::NetworkState same{{{"vpc-a", {"172.31.0.0/16"}}}, {}, {}};
    ASSERT_TRUE(wait(other.apply(same)).has_value());
    group("sg-web").ingress = {rule("tcp", 80, 80, "0.0.0.0/0")};
    task("eni-web", "172.31.0.10", {"sg-web"});
    auto applied = apply();
    EXPECT_FALSE(applied.host_routes[0].direct) << "the other one has that route";
    state_.vpcs[0].cidrs = {"172.31.0.0/16", "10.9.0.0/16"};
    task("eni-two", "10.9.0.2", {"sg-web"});
    applied = apply();
    EXPECT_EQ(tcp("", "10.9.0.2", 80), Reach::refused);
    ASSERT_TRUE(wait(other.teardown()).has_value());
    EXPECT_EQ(tcp("", "10.9.0.2", 80), Reach::refused);
}

TEST_F(Isolation, ForeignNamesAreRespected) {
    ASSERT_TRUE(wait(network_->teardown()).has_value());
    shell("ip link add gh0 type veth peer name foreign");
    auto refused = wait(network_->ensure_router());
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().errc, Errc::conflict) << refused.error().message;
    shell("ip link del gh0");
    EXPECT_TRUE(wait(network_->ensure_router()).has_value());
}

}  // namespace
}  // namespace gantry::network_test
