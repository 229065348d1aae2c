#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "network/world.h"

// How fast it is: printed, with bounds that only something broken would miss.
namespace gantry::network_test {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

std::string address_of(int number) {
    return "172.31." + std::to_string(number / 200) + '.' + std::to_string(number % 200 + 10);
}

std::string id_of(int number) { return "eni-" + std::to_string(number); }

class Speed : public World {
  protected:
    void many(int enis, int groups, int rules) {
        for (int g = 0; g < groups; ++g) {
            auto& made = group("sg-" + std::to_string(g));
            made.egress = {everything()};
            for (int r = 0; r < rules; ++r) {
                made.ingress.push_back(rule(
                    "tcp", 1000 + r, 1000 + r,
                    r % 4 == 0 ? "sg-" + std::to_string((g + r) % groups) : "10.0.0.0/8"
                ));
            }
        }
        // References may point forward: all groups exist before the first apply.
        for (int e = 0; e < enis; ++e) {
            state_.enis.push_back({id_of(e), address_of(e), "vpc-a", {"sg-" + std::to_string(e % groups)}});
        }
    }
};

TEST_F(Speed, TwoHundredTasks) {
    many(200, 20, 10);
    apply();
    std::vector<double> attaches, detaches, changes;
    for (int e = 0; e < 200; ++e) {
        auto start = Clock::now();
        attach(id_of(e), address_of(e));
        attaches.push_back(since(start));
    }
    for (int i = 0; i < 100; ++i) {
        state_.enis[static_cast<std::size_t>(i)].groups = {"sg-" + std::to_string((i + 1) % 20)};
        auto start = Clock::now();
        apply();
        changes.push_back(since(start));
    }
    group("sg-5").ingress = {rule("tcp", 80, 80, "0.0.0.0/0")};
    apply();
    EXPECT_EQ(tcp("", address_of(4), 80), Reach::refused);
    EXPECT_EQ(tcp("", address_of(105), 80), Reach::refused);
    for (int e = 0; e < 200; ++e) {
        auto start = Clock::now();
        EXPECT_TRUE(wait(network_->detach(id_of(e))).has_value());
        detaches.push_back(since(start));
    }
    for (auto* list : {&attaches, &detaches, &changes}) std::ranges::sort(*list);
    std::printf(
        "attach p50 %.2f ms p99 %.2f ms; detach p50 %.2f ms p99 %.2f ms; one ENI's groups changed among 200: "
        "p50 %.2f ms p99 "
        "%.2f ms\n",
        attaches[100], attaches[198], detaches[100], detaches[198], changes[50], changes[98]
    );
    EXPECT_LT(attaches[100], 1000);
    EXPECT_LT(changes[50], 1000);
}

TEST_F(Speed, AThousandEnisOfTwoHundredGroups) {
    many(1000, 200, 20);
    auto start = Clock::now();
    apply();
    auto whole = since(start);
    std::vector<double> changes;
    for (int i = 0; i < 100; ++i) {
        state_.enis.back().groups = {"sg-" + std::to_string(i)};
        start = Clock::now();
        apply();
        changes.push_back(since(start));
    }
    start = Clock::now();
    for (int i = 0; i < 20; ++i) apply();
    auto same = since(start) / 20;
    std::ranges::sort(changes);
    std::printf(
        "1,000 ENIs, 200 groups of 20 rules: whole %.1f ms, one change p50 %.2f ms p99 %.2f ms, no change "
        "%.2f ms\n",
        whole, changes[50], changes[98], same
    );
    EXPECT_LT(whole, 30'000);
}

}  // namespace
}  // namespace gantry::network_test
