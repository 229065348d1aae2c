#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/event.h"
#include "port/store.h"

namespace gantry::sim {

// What the next commit comes to.
enum class CommitFate {
    good,
    refused,          // definitely not written
    unknown_written,  // written, and the caller is told that nobody knows
    unknown_lost,     // not written, and the caller is told that nobody knows
};

// The contents outlive a pretended crash of the control plane: keep the store, make a new loop.
class MemoryStore : public port::Store {
  public:
    explicit MemoryStore(boost::asio::any_io_executor executor) : released_(std::move(executor)) {}

    boost::asio::awaitable<Result<port::Sequence>> commit(port::StoreBatch batch, port::Sequence expected)
        override;
    boost::asio::awaitable<Result<port::Sequence>> load(Visit visit) override;
    port::StoreLimits limits() const override { return limits_; }

    // One fate per commit, in order; good when none is left.
    void foretell(CommitFate fate) { fates_.push_back(fate); }
    void fail_next_load() { ++failing_loads_; }
    // Commits wait in the store, nothing is written, until release().
    void hold() { held_ = true; }
    void release();
    // Somebody else writes to the store.
    void write_behind_our_back() { ++sequence_; }

    void set_limits(port::StoreLimits limits) { limits_ = limits; }
    port::Sequence sequence() const { return sequence_; }
    std::size_t commits() const { return commits_; }
    using Records = std::map<std::pair<std::string, std::string>, port::StoredRecord>;
    const Records& records() const { return records_; }

  private:
    void write(port::StoreBatch batch);

    Records records_;
    port::Sequence sequence_ = 0;
    port::StoreLimits limits_;
    std::deque<CommitFate> fates_;
    int failing_loads_ = 0;
    bool held_ = false;
    std::size_t commits_ = 0;
    Event released_;
};

}  // namespace gantry::sim
