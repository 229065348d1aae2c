#pragma once

#include <array>
#include <cstdint>

#include "base/chance.h"

namespace gantry::adapter::os {

// From the kernel, a page at a time. Belongs to one thread.
class Chance : public gantry::Chance {
  public:
    std::uint64_t draw() override;

  private:
    std::array<std::uint64_t, 32> pool_{};
    std::size_t left_ = 0;
};

}  // namespace gantry::adapter::os
