#include "simulation/simulate.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/log.h"

namespace gantry::simulation {
namespace {

class Simulation : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        log::configure(log::Level(int(log::Level::error) + 1), log::Format::text);
        announce_aborts();
    }
    static void expect_good(const Outcome& outcome, const std::string& what) {
        if (outcome.violations.empty()) return;
        std::string all;
        for (const auto& violation : outcome.violations) all += "\n  " + violation;
        ADD_FAILURE() << what << all;
    }
    static std::string replay(std::uint64_t seed) {
        return "again: gantry-sim --from " + std::to_string(seed) + " --seeds 1";
    }
};

TEST_F(Simulation, ManyLivesWithFaults) {
    const char* wanted = std::getenv("GANTRY_SIM_SEEDS");
    const std::uint64_t seeds = wanted ? std::strtoull(wanted, nullptr, 10) : 300;
    std::size_t tasks = 0;
    std::size_t crashes = 0;
    for (std::uint64_t seed = 1; seed <= seeds && !HasFailure(); ++seed) {
        const auto outcome = simulate(seed);
        expect_good(outcome, replay(seed));
        tasks += outcome.tasks;
        crashes += outcome.crashes;
    }
    RecordProperty("tasks", std::to_string(tasks));
    RecordProperty("crashes", std::to_string(crashes));
    EXPECT_GT(tasks, seeds);
    EXPECT_GT(crashes, seeds);
}

TEST_F(Simulation, TheSameSeedIsTheSameLife) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const auto first = simulate(seed);
        const auto second = simulate(seed);
        EXPECT_EQ(first.digest, second.digest) << replay(seed);
        EXPECT_EQ(first.last_draw, second.last_draw) << replay(seed);
        EXPECT_EQ(first.events, second.events) << replay(seed);
    }
    EXPECT_NE(simulate(1).digest, simulate(2).digest);
}

TEST_F(Simulation, TheControlPlaneMayDieAfterAnyCommit) {
    for (const std::string family : {"web", "job", "trio", "missing"}) {
        const auto whole = simulate_crash_after_commit(family, 0);
        expect_good(whole, family);
        EXPECT_GE(whole.commits, 3u) << family;
        for (std::size_t commit = 1; commit <= whole.commits && !HasFailure(); ++commit) {
            const auto outcome = simulate_crash_after_commit(family, commit);
            expect_good(outcome, family + ", dying after commit " + std::to_string(commit));
            EXPECT_EQ(outcome.crashes, whole.crashes + 1);
        }
    }
}

TEST_F(Simulation, TheControlPlaneMayDieAfterAnyKindOfCommit) {
    const auto whole = simulate_crash_in_a_long_story(0);
    expect_good(whole, "the long story");
    for (const char* kind :
         {"ecs.task PROVISIONING", "ecs.task PENDING", "ecs.task RUNNING", "ecs.task STOPPING", "ecs.task STOPPED",
          "ecs.task -", "ecs.client_token +",
          "ecs.client_token -", "ecs.worker ~", "ec2.eni +", "ec2.eni -", "control.policy_clock +"})
        EXPECT_TRUE(whole.kinds.contains(kind)) << kind;
    for (std::size_t commit = 1; commit <= whole.commits && !HasFailure(); ++commit) {
        const auto outcome = simulate_crash_in_a_long_story(commit);
        expect_good(outcome, "dying after commit " + std::to_string(commit));
        EXPECT_EQ(outcome.crashes, whole.crashes + 1);
    }
}

// Machines are rebooted and lose their disks too.
TEST_F(Simulation, ManyLivesWithLosses) {
    const char* wanted = std::getenv("GANTRY_SIM_SEEDS");
    const std::uint64_t seeds = wanted ? std::strtoull(wanted, nullptr, 10) : 200;
    for (std::uint64_t seed = 1; seed <= seeds && !HasFailure(); ++seed)
        expect_good(simulate(seed, true), replay(seed) + " --losses");
}

}  // namespace
}  // namespace gantry::simulation
