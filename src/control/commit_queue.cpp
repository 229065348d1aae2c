#include "control/commit_queue.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assertion.h"

namespace gantry::control {
namespace {
namespace asio = boost::asio;

asio::awaitable<Result<EncodedGroup>> encode_there(
    const state::Schema& schema,
    std::vector<SharedChangeSet> change_sets,
    HighWater before,
    port::StoreLimits limits
) {
    co_return encode_group(schema, change_sets, before, limits);
}

}  // namespace

CommitQueue::CommitQueue(
    asio::any_io_executor strand,
    asio::any_io_executor offload,
    port::Store& store,
    state::Database& database,
    Hooks hooks
)
    : offload_(std::move(offload)),
      store_(store),
      database_(database),
      hooks_(std::move(hooks)),
      work_(strand),
      idle_(strand),
      tasks_(strand) {}

CommitIndex CommitQueue::add(state::ChangeSet changes) {
    undurable_.push_back(std::make_shared<const state::ChangeSet>(std::move(changes)));
    work_.set();
    return ++last_;
}

void CommitQueue::when_durable(CommitIndex seen, Done done) {
    ASSERT(waiters_.empty() || waiters_.back().seen <= seen, "an older index than one that waits already");
    if (seen <= durable_) {
        done(Result<void>{});
    } else {
        waiters_.push_back({seen, std::move(done)});
    }
}

asio::awaitable<void> CommitQueue::run() {
    for (;;) {
        if (lost_ || taken_ == undurable_.size()) {
            if (const auto woken = co_await work_.wait(); !woken) co_return;
            continue;
        }
        const auto era = era_;
        const auto room = std::min(undurable_.size() - taken_, store_.limits().records_max);
        const auto first = undurable_.begin() + static_cast<std::ptrdiff_t>(taken_);
        std::vector<SharedChangeSet> group(first, first + static_cast<std::ptrdiff_t>(room));
        const HighWater before{hooks_.policy_now(), durable_ + taken_};
        auto encoding = encode_there(database_.schema(), std::move(group), before, store_.limits());
        auto encoded = co_await asio::co_spawn(offload_, std::move(encoding), asio::use_awaitable);
        // The commit before this one may still be running: the store takes one at a time.
        while (committing_) {
            if (const auto woken = co_await idle_.wait(); !woken) co_return;
        }
        if (era != era_) continue;
        if (!encoded) {
            undo_all(encoded.error());
            continue;
        }
        taken_ += encoded->change_sets;
        committing_ = true;
        tasks_.spawn("commit", commit(*std::move(encoded), era));
    }
}

asio::awaitable<void> CommitQueue::stop() { co_await tasks_.stop(); }

asio::awaitable<void> CommitQueue::commit(EncodedGroup group, std::uint64_t era) {
    auto sequence = co_await store_.commit(std::move(group.batch), sequence_);
    committing_ = false;
    idle_.set();
    if (era != era_) co_return;
    if (sequence) {
        succeed(group.change_sets, group.high_water.policy, *sequence);
    } else if (sequence.error().errc == Errc::unknown || sequence.error().errc == Errc::conflict ||
               sequence.error().errc == Errc::cancelled) {
        lost_ = true;
        hooks_.lost(sequence.error());
    } else {
        undo_all(sequence.error());
    }
}

void CommitQueue::succeed(std::size_t change_sets, PolicyInstant high_water, port::Sequence sequence) {
    sequence_ = sequence;
    hooks_.policy_durable(high_water);
    for (std::size_t i = 0; i < change_sets; ++i) {
        const auto change_set = std::move(undurable_.front());
        undurable_.pop_front();
        --taken_;
        ++durable_;
        hooks_.durable(*change_set);
    }
    release_waiters();
}

void CommitQueue::undo_all(const Error& why) {
    std::vector<SharedChangeSet> undone(undurable_.rbegin(), undurable_.rend());
    for (const auto& change_set : undone) database_.undo(*change_set);
    fail_all(why);
    hooks_.undone(undone, why);
}

void CommitQueue::fail_all(const Error& why) {
    ++era_;
    undurable_.clear();
    taken_ = 0;
    durable_ = last_;
    auto waiters = std::move(waiters_);
    waiters_.clear();
    for (auto& waiter : waiters) waiter.done(tl::unexpected<Error>(why));
}

void CommitQueue::reset(port::Sequence sequence, CommitIndex index) {
    ASSERT(undurable_.empty(), "a reload over changes that are not durable");
    sequence_ = sequence;
    durable_ = last_ = std::max(last_, index);
    lost_ = false;
    work_.set();
}

void CommitQueue::release_waiters() {
    while (!waiters_.empty() && waiters_.front().seen <= durable_) {
        auto done = std::move(waiters_.front().done);
        waiters_.pop_front();
        done(Result<void>{});
    }
}

}  // namespace gantry::control
