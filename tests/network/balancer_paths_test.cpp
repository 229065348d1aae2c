#include "network/balancer.h"

// How clients reach a balancer, and what each side sees of the other.
namespace gantry::network_test {
namespace {

class BalancerPaths : public Balanced {};

TEST_F(BalancerPaths, FromTheHostAndFromTasks) {
    auto web = open_task("eni-web", "172.31.0.10");
    auto client = open_task("eni-client", "172.31.0.11");
    listen_everywhere(8081, {{"172.31.0.10", 80}});
    listen_everywhere(8081, {{"172.31.0.10", 80}}, "udp");
    EXPECT_TRUE(apply().localhost_taken.empty());
    Server server(web, "0.0.0.0", 80);
    for (const char* address : {"172.31.9.1", "127.64.0.1", "127.0.0.1"}) {
        Client host("", address, 8081);
        EXPECT_TRUE(host.connected()) << address;
        EXPECT_EQ(host.seen_as(), "172.31.9.1") << "targets see the balancer";
        EXPECT_TRUE(host.connected() && host.echo("from the host")) << address;
        EXPECT_EQ(udp("", address, 8081), Reach::open) << address;
    }
    EXPECT_EQ(Client(client, "172.31.9.1", 8081).seen_as(), "172.31.9.1");
    EXPECT_EQ(Client(web, "172.31.9.1", 8081).seen_as(), "172.31.9.1") << "itself, through its own balancer";
    EXPECT_EQ(udp(client, "172.31.9.1", 8081), Reach::open);
    EXPECT_EQ(udp(web, "172.31.9.1", 8081), Reach::open);
}

TEST_F(BalancerPaths, ClientsAddressesArePreservedWhereAsked) {
    auto web = open_task("eni-web", "172.31.0.10");
    auto client = open_task("eni-client", "172.31.0.11");
    listen("172.31.9.1", 80, {{"172.31.0.10", 80}}).preserve_client = true;
    listen("127.64.0.1", 80, {{"172.31.0.10", 80}}).preserve_client = true;
    listen("172.31.9.1", 80, {{"172.31.0.10", 80}}, "udp").preserve_client = true;
    apply();
    Server server(web, "0.0.0.0", 80);
    EXPECT_EQ(Client(client, "172.31.9.1", 80).seen_as(), "172.31.0.11");
    EXPECT_EQ(Client("", "172.31.9.1", 80).seen_as(), "169.254.171.1");
    EXPECT_EQ(Client("", "127.64.0.1", 80).seen_as(), "169.254.171.1");
    EXPECT_EQ(Client("", "127.0.0.1", 80).seen_as(), "169.254.171.1");
    EXPECT_EQ(Client(web, "172.31.9.1", 80).seen_as(), "172.31.9.1") << "itself: else no answer could leave";
    EXPECT_EQ(udp(client, "172.31.9.1", 80), Reach::open);
    EXPECT_EQ(udp(web, "172.31.9.1", 80), Reach::open);
}

TEST_F(BalancerPaths, ClosedPortsAnswerAtOnce) {
    auto client = open_task("eni-client", "172.31.0.11");
    listen_everywhere(80, {});
    listen_everywhere(80, {}, "udp");
    apply();
    for (std::uint16_t port : {80, 81}) {  // without targets; without a listener
        for (const char* address : {"172.31.9.1", "127.64.0.1"}) {
            EXPECT_EQ(tcp("", address, port), Reach::refused) << address << ' ' << port;
            EXPECT_EQ(udp("", address, port), Reach::refused) << address << ' ' << port;
        }
        EXPECT_EQ(tcp(client, "172.31.9.1", port), Reach::refused);
        EXPECT_EQ(udp(client, "172.31.9.1", port), Reach::refused);
    }
    for (int i = 0; i < 20; ++i) EXPECT_EQ(udp("", "127.64.0.1", 81), Reach::refused) << "each time";
    EXPECT_EQ(tcp("", "127.0.0.1", 80), Reach::refused);
    EXPECT_EQ(tcp("", "127.64.0.2", 80), Reach::refused) << "nobody's address";
    state_.balancers.clear();
    state_.host_balancers.clear();
    apply();
    EXPECT_EQ(tcp("", "127.64.0.1", 80), Reach::refused);
    EXPECT_EQ(tcp("", "172.31.9.1", 80), Reach::unreachable);
    EXPECT_EQ(shell("nft list tables").output, "") << "nothing is left on the host";
    EXPECT_EQ(shell("cat /proc/sys/net/ipv4/conf/gh0/route_localnet").output, "0\n");
    EXPECT_EQ(shell("ip route show table local dev gh0").output.find("127."), std::string::npos);
}

TEST_F(BalancerPaths, BalancersWithTheSamePortLiveSideBySide) {
    auto one = open_task("eni-one", "172.31.0.10");
    auto two = open_task("eni-two", "172.31.0.11");
    balancer("lb-b", "172.31.9.2");
    host_balancer("lb-b", "127.64.0.2");
    listen_everywhere(80, {{"172.31.0.10", 80}});
    listen("172.31.9.2", 80, {{"172.31.0.11", 80}});
    listen("127.64.0.2", 80, {{"172.31.0.11", 80}});
    auto applied = apply();
    ASSERT_EQ(applied.localhost_taken.size(), 1U);
    EXPECT_EQ(applied.localhost_taken[0].balancer, "lb-b");
    EXPECT_EQ(applied.localhost_taken[0].port, 80);
    EXPECT_NE(applied.localhost_taken[0].reason.find("lb-a"), std::string::npos);
    Server first(one, "0.0.0.0", 80), second(two, "0.0.0.0", 80);
    EXPECT_EQ(Client("", "127.64.0.1", 80).seen_as(), "172.31.9.1");
    EXPECT_EQ(Client("", "127.64.0.2", 80).seen_as(), "172.31.9.2");
    EXPECT_EQ(Client("", "127.0.0.1", 80).seen_as(), "172.31.9.1");
    EXPECT_EQ(first.accepted(), 2);
    EXPECT_EQ(second.accepted(), 1);

    // The port goes to the other one when its owner goes, and does not come back with it.
    auto former = state_.host_balancers[0];
    state_.host_balancers.erase(state_.host_balancers.begin());
    EXPECT_TRUE(apply().localhost_taken.empty());
    EXPECT_EQ(Client("", "127.0.0.1", 80).seen_as(), "172.31.9.2");
    state_.host_balancers.push_back(former);
    start();
    applied = apply();
    ASSERT_EQ(applied.localhost_taken.size(), 1U);
    EXPECT_EQ(applied.localhost_taken[0].balancer, "lb-a") << "also over a restart";
    EXPECT_EQ(Client("", "127.0.0.1", 80).seen_as(), "172.31.9.2");
}

TEST_F(BalancerPaths, LocalhostPortsOfOthersStayTheirs) {
    auto web = open_task("eni-web", "172.31.0.10");
    listen_everywhere(8080, {{"172.31.0.10", 80}});
    auto other = std::make_unique<Server>("", "0.0.0.0", 8080);
    auto applied = apply();
    ASSERT_EQ(applied.localhost_taken.size(), 1U);
    EXPECT_EQ(applied.localhost_taken[0].protocol, "tcp");
    EXPECT_EQ(applied.localhost_taken[0].reason, "127.0.0.1:8080 (tcp) is in use by another program");
    Server server(web, "0.0.0.0", 80);
    EXPECT_EQ(Client("", "127.0.0.1", 8080).seen_as(), "127.0.0.1") << "the other program's";
    EXPECT_EQ(Client("", "127.64.0.1", 8080).seen_as(), "172.31.9.1") << "not hidden by 0.0.0.0";
    other.reset();
    shell("ss -K sport = 8080");  // what is left of its connections
    EXPECT_TRUE(apply().localhost_taken.empty()) << "free now";
    EXPECT_EQ(Client("", "127.0.0.1", 8080).seen_as(), "172.31.9.1");
    EXPECT_NE(shell("socat -u TCP-LISTEN:8080,bind=127.0.0.1 -").code, 0) << "reserved";
    state_.host_balancers[0].localhost = false;
    EXPECT_TRUE(apply().localhost_taken.empty());
    EXPECT_EQ(tcp("", "127.0.0.1", 8080), Reach::refused);
    EXPECT_EQ(tcp("", "127.64.0.1", 8080), Reach::open);
}

TEST_F(BalancerPaths, AProxyInTheRouterSeesWhereClientsWanted) {
    auto client = open_task("eni-client", "172.31.0.11");
    for (const char* at : {"172.31.9.1", "127.64.0.1"}) {
        auto& listener = listen(at, 80, {});
        listener.local_address = port::proxy_address;
        listener.local_port = 7001;
    }
    apply();
    auto proxy = std::make_unique<Server>(options_.directory + "/router", port::proxy_address, 7001);
    EXPECT_EQ(Client(client, "172.31.9.1", 80).seen_as(), "172.31.0.11");
    EXPECT_EQ(proxy->wanted(), "172.31.9.1:80");
    EXPECT_EQ(Client("", "127.64.0.1", 80).seen_as(), "169.254.171.1");
    EXPECT_EQ(proxy->wanted(), "127.64.0.1:80");
    EXPECT_EQ(Client("", "127.0.0.1", 80).seen_as(), "169.254.171.1");
    EXPECT_EQ(tcp(client, port::proxy_address, 7001), Reach::refused) << "no way in but the balancer";
    EXPECT_EQ(tcp("", port::proxy_address, 7001), Reach::unreachable);
    proxy.reset();
    EXPECT_EQ(tcp("", "127.64.0.1", 80), Reach::refused) << "the proxy is dead";
}

TEST_F(BalancerPaths, HostServicesStayOutOfReach) {
    auto web = open_task("eni-web", "172.31.0.10");
    listen_everywhere(8080, {{"172.31.0.10", 80}});
    apply();
    Server loopback("", "127.0.0.1", 9000), all("", "0.0.0.0", 9001);
    ASSERT_EQ(tcp("", "127.0.0.1", 9000), Reach::open);
    for (const char* address : {"127.0.0.1", "127.64.0.1", "169.254.171.1", "169.254.171.2", "172.31.9.1"}) {
        for (std::uint16_t port : {9000, 9001}) {
            EXPECT_NE(tcp(web, address, port), Reach::open) << address << ' ' << port;
            EXPECT_NE(udp(web, address, port), Reach::open) << address << ' ' << port;
        }
    }
    // A task with every right that sends such packets over its link on purpose.
    shell(
        "ip route del table local 127.0.0.0/8 dev lo; "
        "ip route add 127.0.0.0/8 via 169.254.1.1 dev eth0 onlink; "
        "ip addr del 127.0.0.1/8 dev lo; echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet",
        web
    );
    for (const char* address : {"127.0.0.1", "127.64.0.1"}) {
        EXPECT_EQ(tcp(web, address, 9000, "172.31.0.10"), Reach::silent) << address;
        EXPECT_EQ(tcp(web, address, 8080, "172.31.0.10"), Reach::silent) << address;
    }
    // And the router itself, if something went wrong there.
    EXPECT_EQ(tcp(options_.directory + "/router", "169.254.171.1", 9000), Reach::refused);
    auto broken = shell(
        "ip route add 127.0.0.1/32 via 169.254.171.1 dev gr0 table 77 onlink; "
        "ip rule add from 169.254.171.2 lookup 77 pref 1; "
        "ip rule del pref 0; ip rule add lookup local pref 2",
        options_.directory + "/router"
    );
    EXPECT_EQ(broken.code, 0) << broken.output;
    EXPECT_EQ(tcp(options_.directory + "/router", "127.0.0.1", 9000, "169.254.171.2"), Reach::silent)
        << "our link brings nothing to loopback addresses";
}

TEST_F(BalancerPaths, OtherVpcsStayApart) {
    state_.vpcs.push_back({"vpc-b", {"172.31.0.0/16"}});
    auto web = open_task("eni-web", "172.31.0.10");
    auto foreign = open_task("eni-foreign", "172.31.0.11");
    eni("eni-foreign").vpc = "vpc-b";
    listen_everywhere(80, {{"172.31.0.10", 80}});
    listen_everywhere(81, {{"172.31.0.11", 80}});
    apply();
    Server server(web, "0.0.0.0", 80), other(foreign, "0.0.0.0", 80);
    EXPECT_EQ(tcp("", "172.31.9.1", 80), Reach::open);
    EXPECT_EQ(tcp(foreign, "172.31.9.1", 80), Reach::silent);
    EXPECT_EQ(tcp(foreign, "172.31.9.1", 90), Reach::silent);
    EXPECT_NE(tcp("", "127.64.0.1", 81), Reach::open) << "a target of another VPC";
    EXPECT_NE(tcp(web, "172.31.9.1", 81), Reach::open);
    EXPECT_NE(from_balancer("172.31.9.1", "172.31.0.11", 80), Reach::open);
}

TEST_F(BalancerPaths, OnAStrictHost) {
    const std::string filters =
        "/proc/sys/net/ipv4/conf/all/rp_filter /proc/sys/net/ipv4/conf/default/rp_filter";
    shell("echo 1 | tee " + filters + "; echo 0 > /proc/sys/net/ipv4/ip_forward");
    shell(
        "nft 'add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; policy "
        "drop; }'"
    );
    auto web = open_task("eni-web", "172.31.0.10");
    listen_everywhere(80, {{"172.31.0.10", 80}});
    apply();
    Server server(web, "0.0.0.0", 80);
    for (const char* address : {"172.31.9.1", "127.64.0.1", "127.0.0.1"}) {
        EXPECT_EQ(tcp("", address, 80), Reach::open) << address;
    }
    shell("nft delete table ip filter; echo 0 | tee " + filters);
}

}  // namespace
}  // namespace gantry::network_test
