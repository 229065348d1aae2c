#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "base/event.h"
#include "base/task_group.h"
#include "control/commit_batch.h"
#include "port/store.h"
#include "state/database.h"

namespace gantry::control {

using Done = std::function<void(Result<void>)>;

// The durability fence. Change sets go in as transactions end; whoever saw index i waits here until i is
// durable. Many change sets share one commit; the next group is encoded while one is being committed.
//
// A commit that definitely failed undoes everything that is not durable, newest first, and fails everyone who
// waits. After one whose outcome is unknown (or when somebody else wrote to the store) only a reload helps:
// lost() is called, nothing is committed until reset().
class CommitQueue {
  public:
    struct Hooks {
        // On the strand, in commit order.
        std::function<void(const state::ChangeSet&)> durable;
        // Already undone in the database; newest first.
        std::function<void(const std::vector<SharedChangeSet>&, const Error&)> undone;
        std::function<void(const Error&)> lost;
        // Policy time when a group is taken: written with it, and handed back once that is durable.
        std::function<PolicyInstant()> policy_now;
        std::function<void(PolicyInstant)> policy_durable;
    };

    CommitQueue(
        boost::asio::any_io_executor strand,
        boost::asio::any_io_executor offload,
        port::Store& store,
        state::Database& database,
        Hooks hooks
    );

    // The commit loop; ends when it is cancelled.
    boost::asio::awaitable<void> run();
    boost::asio::awaitable<void> stop();

    CommitIndex add(state::ChangeSet changes);
    // What a turn that ends now has seen.
    CommitIndex seen() const { return last_; }
    CommitIndex durable() const { return durable_; }
    std::size_t waiting() const { return undurable_.size(); }

    // Calls done on the strand once `seen` is durable or will never be; at once when it is already.
    void when_durable(CommitIndex seen, Done done);

    // Everything not durable is forgotten (the database is about to be cleared) and its waiters fail.
    void fail_all(const Error& why);
    // After a reload; `index`: the last one that the store has seen.
    void reset(port::Sequence sequence, CommitIndex index);

  private:
    struct Waiter {
        CommitIndex seen;
        Done done;
    };

    boost::asio::awaitable<void> commit(EncodedGroup group, std::uint64_t era);
    void succeed(std::size_t change_sets, PolicyInstant high_water, port::Sequence sequence);
    void undo_all(const Error& why);
    void release_waiters();

    boost::asio::any_io_executor offload_;
    port::Store& store_;
    state::Database& database_;
    Hooks hooks_;

    CommitIndex last_ = 0;
    CommitIndex durable_ = 0;
    port::Sequence sequence_ = 0;
    std::deque<SharedChangeSet> undurable_;  // indices durable_ + 1 ... last_
    std::size_t taken_ = 0;                  // so many of them are encoded or being committed
    std::deque<Waiter> waiters_;             // by index
    std::uint64_t era_ = 0;                  // counts undo_all and fail_all: what was encoded before is void
    bool committing_ = false;
    bool lost_ = true;

    Event work_;
    Event idle_;
    TaskGroup tasks_;
};

}  // namespace gantry::control
