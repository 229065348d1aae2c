#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "base/log.h"
#include "simulation/simulate.h"

int main(int argc, char** argv) {
    using namespace gantry;
    std::uint64_t seeds = 100;
    std::uint64_t from = 1;
    bool verbose = false;
    bool debug = false;
    bool losses = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--verbose") {
            verbose = true;
        } else if (word == "--debug") {
            debug = true;
        } else if (word == "--losses") {
            losses = true;
        } else if (word == "--seeds" && i + 1 < argc) {
            seeds = std::strtoull(argv[++i], nullptr, 10);
        } else if (word == "--from" && i + 1 < argc) {
            from = std::strtoull(argv[++i], nullptr, 10);
        } else {
            std::cerr << "usage: gantry-sim [--seeds N] [--from SEED] [--losses] [--verbose] [--debug]\n";
            return 2;
        }
    }
    const auto silent = log::Level(int(log::Level::error) + 1);
    log::configure(debug ? log::Level::debug : verbose ? log::Level::info : silent, log::Format::text);
    simulation::announce_aborts();
    int failed = 0;
    std::size_t tasks = 0;
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint64_t seed = from; seed < from + seeds; ++seed) {
        const auto outcome = simulation::simulate(seed, losses);
        tasks += outcome.tasks;
        if (verbose)
            for (const auto& event : outcome.events) std::cout << event << "\n";
        if (verbose || !outcome.violations.empty())
            std::cout << "seed " << seed << ": digest " << std::hex << outcome.digest << ", last draw "
                      << outcome.last_draw << std::dec << ", " << outcome.tasks << " tasks, "
                      << outcome.commits << " commits, " << outcome.crashes << " crashes\n";
        if (outcome.violations.empty()) continue;
        ++failed;
        for (const auto& violation : outcome.violations) std::cout << "  " << violation << "\n";
        std::cout << "again: gantry-sim --from " << seed << " --seeds 1 --verbose"
                  << (losses ? " --losses\n" : "\n")
                  << std::flush;  // hours may follow
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::cout << seeds << " lives, " << tasks << " tasks, " << failed << " failed, " << took.count()
              << " s\n";
    return failed == 0 ? 0 : 1;
}
