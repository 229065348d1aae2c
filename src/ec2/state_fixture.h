#pragma once

#include "state/turn.h"

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

}  // namespace gantry::ec2::testing
