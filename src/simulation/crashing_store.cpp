#include "simulation/crashing_store.h"

namespace gantry::simulation {

using boost::asio::awaitable;

awaitable<Result<void>> CrashingStore::dawdle() {
    if (!faults_.hits(rates.slow)) co_return Result<void>{};
    co_return co_await faults_.clock().sleep_for(faults_.some_time(rates.slow_max));
}

awaitable<Result<port::Sequence>> CrashingStore::commit(port::StoreBatch batch, port::Sequence expected) {
    CO_TRY_VOID(co_await dawdle());
    if (dead_) co_return trouble(Errc::unknown, "the process has died");
    if (faults_.hits(rates.refused)) {
        kept_.foretell(sim::CommitFate::refused);
    } else if (faults_.hits(rates.unknown_written)) {
        kept_.foretell(sim::CommitFate::unknown_written);
    } else if (faults_.hits(rates.unknown_lost)) {
        kept_.foretell(sim::CommitFate::unknown_lost);
    }
    const auto before = kept_.sequence();
    auto committed = co_await kept_.commit(std::move(batch), expected);
    if (kept_.sequence() != before && ++written_ == dies_at_) die();
    if (!dead_) CO_TRY_VOID(co_await dawdle());
    if (dead_) co_return trouble(Errc::unknown, "the process has died");
    co_return committed;
}

awaitable<Result<port::Sequence>> CrashingStore::load(Visit visit) {
    CO_TRY_VOID(co_await dawdle());
    if (dead_ || faults_.hits(rates.load_fails))
        co_return trouble(Errc::unavailable, "the store cannot be read");
    co_return co_await kept_.load(std::move(visit));
}

}  // namespace gantry::simulation
