#pragma once

#include <atomic>
#include <mutex>

#include "base/event.h"
#include "base/task_group.h"
#include "control/loop.h"
#include "operation/policy_clock.h"

namespace gantry::control {

// Not for others: what loop.cpp and loop_run.cpp share. Everything belongs to the strand.
struct Loop::State {
    explicit State(LoopParts given);

    // loop.cpp: turns
    state::Turn turn();
    Result<void> run(const Work& work);
    Result<void> run_for(const Work& work, const Who& who);
    void run_seeders(const Caller& caller);
    void work_on(const Work& work, const Who& who, const Done& done);
    void note(const state::ChangeSet& changes);
    void reconcile(const Look& look);
    void watch_convergence(const Look& look, RealInstant now);

    // loop_run.cpp: what runs beside the turns
    boost::asio::awaitable<Result<void>> load();
    boost::asio::awaitable<void> reload();
    boost::asio::awaitable<void> run_controllers();
    boost::asio::awaitable<void> run_timers();
    void take_back(const std::vector<SharedChangeSet>& undone, const Error& why);
    void lose_memory(const Error& why);
    void publish_policy_clock();

    LoopParts parts;
    state::Database database;
    ControllerQueue queue;
    std::vector<std::shared_ptr<const Controller>> controllers;
    std::vector<Seeder> seeders;
    std::vector<std::function<void(const state::View&, const state::Change&)>> change_subscribers;
    std::vector<std::function<void(const state::ChangeSet&)>> durable_subscribers;
    std::vector<std::function<void(const state::View&)>> load_subscribers;

    bool ready = false;
    bool stopping = false;
    // Policy time never goes back: what was handed out last, and what of it may have left the process.
    PolicyInstant last_policy;
    PolicyInstant durable_policy;
    // How often in a row the store has refused; controllers wait longer each time.
    int refusals = 0;
    bool controllers_paused = false;
    // How often each key led to actions lately: a controller that never converges is told of.
    std::map<Look, int> busy;
    RealInstant busy_since;
    std::uint64_t commits_failed = 0;
    std::uint64_t reloads = 0;

    // A copy of the clock's record for other threads.
    mutable std::mutex policy_mutex;
    std::shared_ptr<const PolicyClockRecord> shared_policy_clock;

    CommitQueue commits;
    Event keys;     // there is something in the queue
    Event timers;   // the earliest wake-up may have changed
    Event drained;  // everything is durable
    TaskGroup tasks;
};

}  // namespace gantry::control
