#include "simulation/service_life.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace gantry::simulation {
namespace {

// More by hand: GANTRY_SERVICE_LIVES=1000; one again, with what happens: GANTRY_SERVICE_SEED=7.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* given = std::getenv(name);
    return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

TEST(ServiceLife, EveryServiceBecomesWhatItIsWantedToBe) {
    announce_aborts();
    const auto only = from_environment("GANTRY_SERVICE_SEED", 0);
    const auto first = only != 0 ? only : 1;
    const auto last = only != 0 ? only : from_environment("GANTRY_SERVICE_LIVES", 20);
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const auto outcome = simulate_services(seed);
        if (only != 0)
            for (const auto& event : outcome.events) std::printf("%s\n", event.c_str());
        EXPECT_GT(outcome.tasks, 0u);
        for (const auto& violation : outcome.violations)
            ADD_FAILURE() << "seed " << seed << ": " << violation << " (again: GANTRY_SERVICE_SEED)";
        if (!outcome.violations.empty()) return;
    }
}

TEST(ServiceLife, TheSameSeedGivesTheSameLife) { EXPECT_EQ(simulate_services(5), simulate_services(5)); }

}  // namespace
}  // namespace gantry::simulation
