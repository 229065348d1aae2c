#include "sim/faults.h"

namespace gantry::sim {

boost::asio::awaitable<Result<void>> Faults::before(std::string what) {
    if (hits(rates.slow)) CO_TRY_VOID(co_await clock_.sleep_for(some_time(rates.slow_max)));
    if (hits(rates.fail_before)) co_return trouble(Errc::unavailable, what + " does not answer");
    co_return Result<void>{};
}

Result<void> Faults::after(const std::string& what) {
    if (hits(rates.lose_answer)) return trouble(Errc::unknown, "the answer of " + what + " was lost");
    return {};
}

}  // namespace gantry::sim
