#pragma once

#include "ec2/schema.h"
#include "state/txn.h"

namespace gantry::ec2::testing {

// Reproducible chance for tests.
class Dice : public state::Chance {
  public:
    explicit Dice(std::uint64_t seed = 1) : state_(seed) {}
    std::uint64_t draw() override {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
        return z ^ z >> 31;
    }

  private:
    std::uint64_t state_;
};

// A database with this folder's tables.
struct World {
    // Commits what fn(txn) writes.
    template <class Fn>
    auto write(Fn fn) {
        state::Txn txn(database, turn);
        struct Finish {
            state::Txn& txn;
            ~Finish() { txn.finish(); }
        } finish{txn};
        return fn(txn);
    }
    state::View view() const { return state::View(database); }

    state::Schema schema;
    Dice dice;
    state::Turn turn{{1'700'000'000'000}, {1'700'000'000'000}, dice};
    state::Database database{declared(schema)};

  private:
    static const state::Schema& declared(state::Schema& schema) {
        if (schema.tables().empty()) declare(schema);
        return schema;
    }
};

}  // namespace gantry::ec2::testing
