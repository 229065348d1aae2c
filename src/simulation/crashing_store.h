#pragma once

#include <functional>

#include "port/store.h"
#include "sim/faults.h"
#include "sim/memory_store.h"

namespace gantry::simulation {

// Of a thousand commits or loads, how many go wrong in which way.
struct StoreRates {
    int refused = 0;
    int unknown_written = 0;
    int unknown_lost = 0;
    int load_fails = 0;
    int slow = 0;  // before it is written, and again before the answer
    Duration slow_max{500};
};

// The store as one process sees it, which may die at any time: from then on nothing more is written and the
// process learns nothing more. What was written stays, for the next process.
class CrashingStore : public port::Store {
  public:
    CrashingStore(sim::MemoryStore& kept, port::Clock& clock, std::uint64_t seed)
        : kept_(kept), faults_(clock, seed) {}

    StoreRates rates;

    boost::asio::awaitable<Result<port::Sequence>> commit(port::StoreBatch batch, port::Sequence expected)
        override;
    boost::asio::awaitable<Result<port::Sequence>> load(Visit visit) override;
    port::StoreLimits limits() const override { return kept_.limits(); }

    void die() { dead_ = true; }
    // Right after so many more commits were written, before anybody knows. 0: never.
    void die_after(std::size_t commits) { dies_at_ = commits == 0 ? 0 : written_ + commits; }
    void revive() {
        dead_ = false;
        dies_at_ = 0;
    }
    bool dead() const { return dead_; }
    std::size_t written() const { return written_; }

  private:
    boost::asio::awaitable<Result<void>> dawdle();

    sim::MemoryStore& kept_;
    sim::Faults faults_;
    bool dead_ = false;
    std::size_t written_ = 0;
    std::size_t dies_at_ = 0;
};

}  // namespace gantry::simulation
