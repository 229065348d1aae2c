#include "network/world.h"

// Security groups with real packets.
namespace gantry::network_test {
namespace {

class Groups : public World {};

TEST_F(Groups, OnlyWhatARuleAllowsGetsIn) {
    group("sg-web").ingress = {rule("tcp", 80, 80, "0.0.0.0/0")};
    auto web = task("eni-web", "172.31.0.10", {"sg-web"});
    auto applied = apply();
    ASSERT_EQ(applied.host_routes.size(), 1U);
    EXPECT_TRUE(applied.host_routes[0].direct) << applied.host_routes[0].reason;
    EXPECT_EQ(tcp("", "172.31.0.10", 80), Reach::refused) << "allowed, nobody listens: the task's own reset";
    Server server(web, "0.0.0.0", 80), other(web, "0.0.0.0", 81);
    Client client("", "172.31.0.10", 80);
    ASSERT_TRUE(client.connected());
    EXPECT_EQ(client.seen_as(), "169.254.171.1") << "the host's address in every group's eyes";
    EXPECT_TRUE(client.echo("stateful"));
    EXPECT_EQ(tcp("", "172.31.0.10", 81), Reach::silent) << "as on AWS: dropped, not refused";
    EXPECT_EQ(udp("", "172.31.0.10", 80), Reach::silent);
    EXPECT_EQ(ping("", "172.31.0.10"), Reach::silent);

    group("sg-web").ingress.push_back(rule("udp", 80, 80, "169.254.171.1/32"));
    group("sg-web").ingress.push_back(rule("icmp", 8, 0, "0.0.0.0/0"));
    apply();
    EXPECT_EQ(udp("", "172.31.0.10", 80), Reach::open);
    EXPECT_EQ(ping("", "172.31.0.10"), Reach::open);
    EXPECT_EQ(tcp("", "172.31.0.10", 81), Reach::silent);
}

TEST_F(Groups, GroupReferencesFollowTheirMembers) {
    group("sg-front").egress = {everything()};
    group("sg-back").ingress = {rule("tcp", 5432, 5432, "sg-front")};
    auto front = task("eni-front", "172.31.0.11", {"sg-front"});
    auto back = task("eni-back", "172.31.1.12", {"sg-back"});
    auto stranger = task("eni-stranger", "172.31.2.13", {});
    apply();
    Server server(back, "0.0.0.0", 5432);
    Client client(front, "172.31.1.12", 5432);
    ASSERT_TRUE(client.connected());
    EXPECT_EQ(client.seen_as(), "172.31.0.11");
    EXPECT_EQ(tcp("", "172.31.1.12", 5432), Reach::silent) << "the host is a member of nothing";
    EXPECT_EQ(tcp(stranger, "172.31.1.12", 5432), Reach::silent);
    EXPECT_EQ(tcp(back, "172.31.0.11", 5432), Reach::silent) << "no egress rule";

    eni("eni-stranger").groups = {"sg-front"};
    eni("eni-front").groups = {"sg-back"};
    apply();
    EXPECT_EQ(tcp(stranger, "172.31.1.12", 5432), Reach::open);
    EXPECT_EQ(tcp(front, "172.31.1.12", 5432), Reach::silent);
    EXPECT_TRUE(client.echo("still")) << "AWS tracks it: admitted by a group rule, so it goes on";
}

TEST_F(Groups, EgressIsEnforced) {
    group("sg-open").ingress = {everything()};
    group("sg-narrow").egress = {rule("tcp", 80, 81, "172.31.1.0/24")};
    auto narrow = task("eni-narrow", "172.31.0.11", {"sg-narrow"});
    auto one = task("eni-one", "172.31.1.1", {"sg-open"});
    auto two = task("eni-two", "172.31.2.1", {"sg-open"});
    apply();
    Server a(one, "0.0.0.0", 81), b(one, "0.0.0.0", 82), c(two, "0.0.0.0", 81);
    EXPECT_EQ(tcp(narrow, "172.31.1.1", 81), Reach::open);
    EXPECT_EQ(tcp(narrow, "172.31.1.1", 82), Reach::silent);
    EXPECT_EQ(tcp(narrow, "172.31.2.1", 81), Reach::silent);
    EXPECT_EQ(tcp(one, "172.31.2.1", 81), Reach::silent) << "a group without egress rules lets nothing out";
}

TEST_F(Groups, AChangeHoldsAtOnce) {
    group("sg-web").ingress = {rule("tcp", 80, 80, "0.0.0.0/0"), rule("tcp", 81, 81, "169.254.0.0/16")};
    group("sg-web").egress = {everything()};
    auto web = task("eni-web", "172.31.0.10", {"sg-web"});
    apply();
    Server first(web, "0.0.0.0", 80), second(web, "0.0.0.0", 81);
    Client untracked("", "172.31.0.10", 80), tracked("", "172.31.0.10", 81);
    ASSERT_TRUE(untracked.echo("a") && tracked.echo("a"));

    // An unrelated change disturbs neither.
    group("sg-web").ingress.push_back(rule("tcp", 443, 443, "0.0.0.0/0"));
    apply();
    EXPECT_TRUE(untracked.echo("b") && tracked.echo("b"));

    group("sg-web").ingress = {};
    apply();
    EXPECT_EQ(tcp("", "172.31.0.10", 80), Reach::silent);
    EXPECT_EQ(tcp("", "172.31.0.10", 81), Reach::silent);
    EXPECT_FALSE(untracked.echo("c")) << "open to everyone both ways: AWS does not track it and cuts it";
    EXPECT_TRUE(tracked.echo("c")) << "AWS tracks it and lets it go on";
}

TEST_F(Groups, SeveralGroupsAddUp) {
    group("sg-a").ingress = {rule("tcp", 80, 80, "0.0.0.0/0")};
    group("sg-b").ingress = {rule("tcp", 81, 81, "0.0.0.0/0"), rule("tcp", 82, 82, "2001:db8::/32")};
    auto web = task("eni-web", "172.31.0.10", {"sg-a", "sg-b"});
    apply();
    EXPECT_EQ(tcp("", "172.31.0.10", 80), Reach::refused);
    EXPECT_EQ(tcp("", "172.31.0.10", 81), Reach::refused);
    EXPECT_EQ(tcp("", "172.31.0.10", 82), Reach::silent);
    eni("eni-web").groups = {"sg-b"};
    apply();
    EXPECT_EQ(tcp("", "172.31.0.10", 80), Reach::silent);
    EXPECT_EQ(tcp("", "172.31.0.10", 81), Reach::refused);
    EXPECT_EQ(tcp(web, "172.31.0.10", 5), Reach::refused) << "a task always reaches itself";
}

TEST_F(Groups, NonsenseIsRefusedAndChangesNothing) {
    group("sg-web").ingress = {rule("tcp", 80, 80, "0.0.0.0/0")};
    task("eni-web", "172.31.0.10", {"sg-web"});
    apply();
    auto good = state_;
    for (auto bad :
         {rule("tcp", 90, 80, "0.0.0.0/0"), rule("tcp; flush ruleset", 1, 2, "0.0.0.0/0"),
          rule("tcp", 80, 80, "0.0.0.0/33"), rule("tcp", 80, 80, "sg-unknown"),
          rule("256", 1, 1, "0.0.0.0/0"), rule("tcp", 80, 80, "")}) {
        state_ = good;
        group("sg-web").ingress = {bad};
        auto refused = wait(network_->apply(state_));
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().errc, Errc::invalid) << refused.error().message;
    }
    state_ = good;
    state_.enis[0].id = "eni-\"; flush ruleset";
    EXPECT_FALSE(wait(network_->apply(state_)).has_value());
    EXPECT_EQ(tcp("", "172.31.0.10", 80), Reach::refused) << "the former policy is in force";
    EXPECT_EQ(tcp("", "172.31.0.10", 90), Reach::silent);
    for (const port::EniSpec& bad :
         {port::EniSpec{"eni-1", "172.31.0.300", "02:00:00:00:00:01"},
          {"eni-1", "172.31.0.3", "03:00:00:00:00:01"},
          {"../x", "172.31.0.3", "02:00:00:00:00:01"},
          {"eni-1", "172.31.0.3", "02:00:00:00:00:01", 10}}) {
        auto refused = wait(network_->attach(bad));
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().errc, Errc::invalid);
    }
}

}  // namespace
}  // namespace gantry::network_test
