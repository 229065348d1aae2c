#include "simulation/scaling_life.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/log.h"

namespace gantry::simulation {
namespace {

// More by hand: GANTRY_SCALING_LIVES=1000; one again, with what happens: GANTRY_SCALING_SEED=7.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* given = std::getenv(name);
    return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

TEST(ScalingLife, NothingLeavesItsRangeAndNothingDueIsLost) {
    announce_aborts();
    const auto only = from_environment("GANTRY_SCALING_SEED", 0);
    log::configure(only != 0 ? log::Level::debug : log::Level(int(log::Level::error) + 1), log::Format::text);
    const auto first = only != 0 ? only : 1;
    const auto last = only != 0 ? only : from_environment("GANTRY_SCALING_LIVES", 10);
    std::size_t scaled = 0;
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const auto outcome = simulate_scaling(seed);
        if (only != 0)
            for (const auto& event : outcome.events) std::printf("%s\n", event.c_str());
        for (const auto& event : outcome.events) scaled += event.find("triggered policy down") != std::string::npos;
        for (const auto& violation : outcome.violations)
            ADD_FAILURE() << "seed " << seed << ": " << violation << " (again: GANTRY_SCALING_SEED)";
        if (!outcome.violations.empty()) return;
    }
    EXPECT_GT(scaled, last - first) << "it is scaled in by alarms too";
}

TEST(ScalingLife, TheSameSeedGivesTheSameLife) { EXPECT_EQ(simulate_scaling(5, 3), simulate_scaling(5, 3)); }

}  // namespace
}  // namespace gantry::simulation
