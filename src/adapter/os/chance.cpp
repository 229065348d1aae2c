#include "adapter/os/chance.h"

#include <sys/random.h>

#include <utility>

#include "base/assertion.h"

namespace gantry::adapter::os {

std::uint64_t Chance::draw() {
    if (left_ == 0) {
        // Up to 256 bytes come whole, uninterrupted.
        const auto got = ::getrandom(pool_.data(), sizeof pool_, 0);
        ASSERT(got == static_cast<ssize_t>(sizeof pool_), "the kernel gives no randomness");
        left_ = pool_.size();
    }
    return std::exchange(pool_[--left_], 0);
}

}  // namespace gantry::adapter::os
