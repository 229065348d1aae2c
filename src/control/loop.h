#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "control/commit_queue.h"
#include "control/controller_queue.h"
#include "control/seeder.h"
#include "operation/controller.h"
#include "port/clock.h"
#include "port/store.h"
#include "state/txn.h"

namespace gantry::control {

class Strand;

struct LoopParts {
    boost::asio::any_io_executor strand;   // runs one thing at a time; all state belongs to it
    boost::asio::any_io_executor offload;  // where records become JSON; in simulation the same as strand
    port::Clock& clock;
    port::Store& store;
    state::Chance& chance;
    const state::Schema& schema;  // see declare_tables()
    // Where `strand` is its executor: transactions of other threads then run there and then when it is free.
    // Without it each of them is posted.
    Strand* enter = nullptr;
};

// The loop's own tables; call it on the schema before the Loop is made.
void declare_tables(state::Schema& schema);

struct LoopStatus {
    bool ready = false;
    CommitIndex seen = 0;
    CommitIndex durable = 0;
    std::size_t keys_queued = 0;
    std::size_t keys_sleeping = 0;
    PolicyInstant policy_now;
    RealInstant real_now;
    double policy_rate = 1;
    std::uint64_t commits_failed = 0;
    std::uint64_t reloads = 0;
    std::map<std::string, std::size_t> records;
};

// The control plane's one writer: operations, controllers and reports are transactions on its strand, one
// after the other, and nothing that saw or wrote something leaves before it is durable.
//
// Order of life: construct, add_*/on_*, start(), use, stop(), destroy. Whoever submits is stopped before it.
class Loop {
  public:
    using Work = std::function<Result<void>(state::Txn&)>;
    // Whose operation it is, told on the strand just before it runs; its scope is seeded first.
    using Who = std::function<Result<Caller>(const state::View&, const state::Turn&)>;

    explicit Loop(LoopParts parts);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Before start(). Controllers are asked in this order.
    void add_controller(std::shared_ptr<const Controller> controller);
    void add_seeder(Seeder seeder);
    // On the strand, at once, also when a change is undone (then with before and after swapped): only says
    // what to look at again. Nothing may leave the process from here.
    void on_change(std::function<void(const state::View&, const state::Change&)> subscriber);
    // On the strand, after the fence, in commit order: may send what the change set itself says. The records
    // are pinned; what else is in the database then need not be durable.
    void on_durable(std::function<void(const state::ChangeSet&)> subscriber);
    // On the strand, after every load, the first included: look at everything.
    void on_loaded(std::function<void(const state::View&)> subscriber);

    // On the strand. Errc::invalid: the store holds what this build cannot read.
    boost::asio::awaitable<Result<void>> start();
    // Lets what was written become durable (or fail), then ends all. On the strand.
    boost::asio::awaitable<void> stop();

    // From any thread. Runs work as one transaction; a refusal undoes its writes. done is called on the
    // strand after the fence: with work's result, or with trouble when it was undone or never ran
    // (Errc::unavailable) or nobody knows (Errc::unknown). who may be empty; an error of it is the result.
    void submit(Work work, Who who, Done done);
    // The same for coroutines on any executor; they resume there.
    boost::asio::awaitable<Result<void>> transact(Work work, Who who = {});

    LoopStatus status() const;         // on the strand
    state::View view() const;          // on the strand; not fenced: for tests and checkers
    PolicyInstant policy_now() const;  // any thread; as of now, not monotone across threads
    RealInstant real_now() const;      // any thread
    // Over all records, to compare a reloaded state with the one before.
    std::uint64_t digest() const;  // on the strand
    const boost::asio::any_io_executor& strand() const;
    port::Clock& clock() const;
    const state::Schema& schema() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace gantry::control
