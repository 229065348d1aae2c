#include "network/balancer.h"

// Security groups before, of and behind a balancer.
namespace gantry::network_test {
namespace {

class BalancerGroups : public Balanced {};

TEST_F(BalancerGroups, OfTheBalancerJudgeItsClients) {
    group("sg-lb").ingress = {rule("tcp", 80, 80, "172.31.0.11/32"), rule("tcp", 82, 82, "0.0.0.0/0")};
    group("sg-lb").egress = {everything()};
    state_.enis[0].groups = {"sg-lb"};
    auto web = open_task("eni-web", "172.31.0.10");
    auto client = open_task("eni-client", "172.31.0.11");
    auto stranger = open_task("eni-stranger", "172.31.0.12");
    listen_everywhere(80, {{"172.31.0.10", 8080}});
    listen_everywhere(81, {{"172.31.0.10", 8080}});
    listen_everywhere(82, {{"172.31.0.10", 8080}});
    apply();
    Server server(web, "0.0.0.0", 8080);
    EXPECT_EQ(tcp(client, "172.31.9.1", 80), Reach::open);
    EXPECT_EQ(tcp(client, "172.31.9.1", 81), Reach::silent) << "no rule for this listener";
    EXPECT_EQ(tcp(stranger, "172.31.9.1", 80), Reach::silent);
    EXPECT_EQ(tcp("", "172.31.9.1", 80), Reach::silent);
    EXPECT_EQ(tcp("", "127.64.0.1", 80), Reach::silent);
    EXPECT_EQ(tcp("", "127.64.0.1", 82), Reach::open) << "the host is somebody of everybody";
    EXPECT_EQ(tcp("", "127.0.0.1", 82), Reach::open);
    EXPECT_EQ(tcp("", "127.64.0.1", 83), Reach::silent) << "no rule lets the host in, so nothing is told";
    listen_everywhere(82, {});
    apply();
    EXPECT_EQ(tcp("", "127.64.0.1", 82), Reach::refused);
    // Clients by their group.
    group("sg-front");
    group("sg-lb").ingress = {rule("tcp", 80, 80, "sg-front")};
    eni("eni-stranger").groups = {"sg-open", "sg-front"};
    apply();
    EXPECT_EQ(tcp(stranger, "172.31.9.1", 80), Reach::open);
    EXPECT_EQ(tcp(client, "172.31.9.1", 80), Reach::silent);
}

TEST_F(BalancerGroups, OfTargetsSeeTheBalancer) {
    group("sg-web").ingress = {rule("tcp", 8080, 8080, "172.31.9.1/32")};
    auto web = task("eni-web", "172.31.0.10", {"sg-web"});
    auto client = open_task("eni-client", "172.31.0.11");
    listen_everywhere(80, {{"172.31.0.10", 8080}});
    apply();
    Server server(web, "0.0.0.0", 8080);
    EXPECT_EQ(tcp(client, "172.31.9.1", 80), Reach::open);
    EXPECT_EQ(tcp("", "127.64.0.1", 80), Reach::open);
    EXPECT_EQ(tcp(client, "172.31.0.10", 8080), Reach::silent) << "not beside the balancer";
    EXPECT_EQ(from_balancer("172.31.9.1", "172.31.0.10", 8080), Reach::open) << "probes";
    EXPECT_EQ(from_balancer("172.31.9.1", "172.31.0.10", 8081), Reach::silent);
    group("sg-web").ingress = {
        rule("tcp", 8080, 8080, "172.31.0.11/32"), rule("tcp", 8080, 8080, "169.254.0.0/16")
    };
    apply();
    EXPECT_EQ(tcp(client, "172.31.9.1", 80), Reach::silent) << "the client's address is not what it sees";
    EXPECT_EQ(tcp("", "127.64.0.1", 80), Reach::silent);
    EXPECT_EQ(from_balancer("172.31.9.1", "172.31.0.10", 8080), Reach::silent);
    for (const char* at : {"172.31.9.1", "127.64.0.1"}) {
        listen(at, 80, {{"172.31.0.10", 8080}}).preserve_client = true;
    }
    apply();
    EXPECT_EQ(tcp(client, "172.31.9.1", 80), Reach::open) << "now it is";
    EXPECT_EQ(tcp("", "127.64.0.1", 80), Reach::open);
}

TEST_F(BalancerGroups, TheBalancersGroupCanBeReferredTo) {
    group("sg-lb").ingress = {everything()};
    group("sg-lb").egress = {everything()};
    group("sg-web").ingress = {rule("tcp", 8080, 8080, "sg-lb")};
    state_.enis[0].groups = {"sg-lb"};
    auto web = task("eni-web", "172.31.0.10", {"sg-web"});
    auto client = open_task("eni-client", "172.31.0.11");
    Server server(web, "0.0.0.0", 8080);
    for (bool preserve : {false, true}) {
        for (const char* at : {"172.31.9.1", "127.64.0.1"}) {
            listen(at, 80, {{"172.31.0.10", 8080}}).preserve_client = preserve;
        }
        apply();
        EXPECT_EQ(tcp(client, "172.31.9.1", 80), Reach::open) << preserve;
        EXPECT_EQ(tcp("", "127.64.0.1", 80), Reach::open) << preserve;
        EXPECT_EQ(tcp("", "127.0.0.1", 80), Reach::open) << preserve;
        EXPECT_EQ(tcp("", "172.31.9.1", 80), Reach::open) << preserve;
        EXPECT_EQ(from_balancer("172.31.9.1", "172.31.0.10", 8080), Reach::open);
        EXPECT_EQ(tcp(client, "172.31.0.10", 8080), Reach::silent) << "only through the balancer";
    }
    state_.enis[0].groups = {"sg-open"};
    apply();
    EXPECT_EQ(tcp(client, "172.31.9.1", 80), Reach::silent);
    EXPECT_EQ(from_balancer("172.31.9.1", "172.31.0.10", 8080), Reach::silent);
    // And by those who go to it.
    group("sg-client").egress = {rule("tcp", 80, 80, "sg-lb")};
    group("sg-web").ingress = {everything()};
    state_.enis[0].groups = {"sg-lb"};
    eni("eni-client").groups = {"sg-client"};
    apply();
    EXPECT_EQ(tcp(client, "172.31.9.1", 80), Reach::open) << "its egress is for the balancer, not the target";
    EXPECT_EQ(tcp(client, "172.31.0.10", 8080), Reach::silent);
}

TEST_F(BalancerGroups, EgressOfClientsAndOfTheBalancer) {
    group("sg-none");
    group("sg-lb").ingress = {everything()};
    group("sg-lb").egress = {rule("tcp", 8080, 8080, "172.31.0.10/32")};
    auto one = open_task("eni-one", "172.31.0.10");
    auto two = open_task("eni-two", "172.31.0.11");
    auto client = task("eni-client", "172.31.0.12", {"sg-none"});
    listen_everywhere(80, {{"172.31.0.10", 8080}});
    listen_everywhere(81, {{"172.31.0.11", 8080}});
    apply();
    Server first(one, "0.0.0.0", 8080), second(two, "0.0.0.0", 8080);
    EXPECT_EQ(tcp(client, "172.31.9.1", 80), Reach::silent) << "no egress at all";
    EXPECT_EQ(tcp("", "127.64.0.1", 81), Reach::open) << "a balancer without groups goes anywhere";
    EXPECT_EQ(from_balancer("172.31.9.1", "172.31.0.11", 8080), Reach::open);
    state_.enis[0].groups = {"sg-lb"};
    apply();
    EXPECT_EQ(tcp("", "127.64.0.1", 80), Reach::open);
    EXPECT_EQ(tcp("", "127.64.0.1", 81), Reach::silent);
    EXPECT_EQ(tcp(two, "172.31.9.1", 81), Reach::silent);
    EXPECT_EQ(from_balancer("172.31.9.1", "172.31.0.10", 8080), Reach::open);
    EXPECT_NE(from_balancer("172.31.9.1", "172.31.0.11", 8080), Reach::open);
    EXPECT_EQ(wait(network_->socket_from("172.31.9.2")).error().errc, Errc::not_found);
}

}  // namespace
}  // namespace gantry::network_test
