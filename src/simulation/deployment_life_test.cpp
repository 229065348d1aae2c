#include "simulation/deployment_life.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace gantry::simulation {
namespace {

// More by hand: GANTRY_DEPLOYMENT_LIVES=1000; one again, with what happens: GANTRY_DEPLOYMENT_SEED=7.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* given = std::getenv(name);
    return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

TEST(DeploymentLife, WhateverFailsADeploymentBringsWhatIsWanted) {
    announce_aborts();
    const auto only = from_environment("GANTRY_DEPLOYMENT_SEED", 0);
    const auto first = only != 0 ? only : 1;
    const auto last = only != 0 ? only : from_environment("GANTRY_DEPLOYMENT_LIVES", 20);
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const auto outcome = simulate_deployments(seed);
        if (only != 0)
            for (const auto& event : outcome.events) std::printf("%s\n", event.c_str());
        for (const auto& violation : outcome.violations)
            ADD_FAILURE() << "seed " << seed << ": " << violation << " (again: GANTRY_DEPLOYMENT_SEED)";
        if (!outcome.violations.empty()) return;
    }
}

class Stories : public testing::TestWithParam<DeploymentStory> {};

TEST_P(Stories, TheControlPlaneMayDieAfterAnyCommitAndProductionIsServed) {
    const auto whole = simulate_crash_in_a_deployment(GetParam(), 0);
    for (const auto& violation : whole.violations) ADD_FAILURE() << violation;
    EXPECT_GE(whole.commits, 20u);
    for (std::size_t commit = 1; commit <= whole.commits && !HasFailure(); ++commit) {
        const auto outcome = simulate_crash_in_a_deployment(GetParam(), commit);
        for (const auto& violation : outcome.violations)
            ADD_FAILURE() << "dying after commit " << commit << ": " << violation;
        EXPECT_EQ(outcome.crashes, whole.crashes + 1);
    }
    RecordProperty("commits", std::to_string(whole.commits));
}

INSTANTIATE_TEST_SUITE_P(
    All,
    Stories,
    testing::Values(DeploymentStory::succeeds, DeploymentStory::stopped, DeploymentStory::hook_fails)
);

}  // namespace
}  // namespace gantry::simulation
