#include "sim/memory_store.h"

namespace gantry::sim {

boost::asio::awaitable<Result<port::Sequence>> MemoryStore::commit(
    port::StoreBatch batch, port::Sequence expected
) {
    ++commits_;
    while (held_) CO_TRY_VOID(co_await released_.wait());
    if (expected != sequence_) co_return trouble(Errc::conflict, "the store's sequence is another one");
    CommitFate fate = CommitFate::good;
    if (!fates_.empty()) {
        fate = fates_.front();
        fates_.pop_front();
    }
    switch (fate) {
        case CommitFate::refused:
            co_return trouble(Errc::unavailable, "the store refuses");
        case CommitFate::unknown_lost:
            co_return trouble(Errc::unknown, "no answer from the store");
        case CommitFate::unknown_written:
            write(std::move(batch));
            co_return trouble(Errc::unknown, "no answer from the store");
        case CommitFate::good:
            break;
    }
    write(std::move(batch));
    co_return sequence_;
}

boost::asio::awaitable<Result<port::Sequence>> MemoryStore::load(Visit visit) {
    if (failing_loads_ > 0) {
        --failing_loads_;
        co_return trouble(Errc::unavailable, "the store cannot be read");
    }
    for (const auto& [key, record] : records_) visit(record);
    co_return sequence_;
}

void MemoryStore::release() {
    held_ = false;
    released_.set();
}

void MemoryStore::write(port::StoreBatch batch) {
    for (auto& one : batch) {
        const auto key = std::pair{one.table, one.key};
        if (one.json) {
            records_[key] = {one.table, one.key, one.version, std::move(*one.json)};
        } else {
            records_.erase(key);
        }
    }
    ++sequence_;
}

}  // namespace gantry::sim
