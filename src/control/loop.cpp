#include "control/loop.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "base/assertion.h"
#include "base/log.h"
#include "control/loop_state.h"
#include "control/policy_time.h"
#include "control/strand.h"
#include "state/digest.h"

namespace gantry::control {
namespace asio = boost::asio;
namespace {

// A key that leads to so many plans within so much time is one that no plan settles.
constexpr int kBusyActions = 1'000;
constexpr Duration kBusyWindow{10'000};
// Nobody else gets a turn meanwhile.
constexpr Duration kLongTurn{50};

// What a turn came to, told on the strand and waited for elsewhere.
class Outcome {
  public:
    void tell(Result<void> result) {
        std::unique_lock lock(mutex_);
        if (!then_) {
            result_ = std::move(result);
            return;
        }
        lock.unlock();
        then_(std::move(result));
    }
    std::optional<Result<void>> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(result_, std::nullopt);
    }
    // Called once, with the result.
    void when_told(Done then) {
        std::unique_lock lock(mutex_);
        if (!result_) {
            then_ = std::move(then);
            return;
        }
        lock.unlock();
        then(*std::move(result_));
    }

  private:
    std::mutex mutex_;
    std::optional<Result<void>> result_;
    Done then_;
};

// Resumes the handler on its own executor.
template <class Handler>
Done resumption(Handler handler) {
    auto executor = asio::get_associated_executor(handler);
    auto guard = asio::make_work_guard(executor);
    // std::function wants a copyable callable; the handler is not.
    auto resume = std::make_shared<Handler>(std::move(handler));
    return [resume, executor, guard = std::move(guard)](Result<void> result) {
        asio::post(executor, [resume, result = std::move(result)]() mutable { (*resume)(std::move(result)); });
    };
}

asio::awaitable<Result<void>> wait_for(std::shared_ptr<Outcome> outcome) {
    auto initiate = [](auto handler, const std::shared_ptr<Outcome>& of) {
        of->when_told(resumption(std::move(handler)));
    };
    co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(Result<void>)>(
        std::move(initiate), asio::use_awaitable, std::move(outcome)
    );
}

}  // namespace

void declare_tables(state::Schema& schema) {
    schema.add_table<PolicyClockRecord>();
    schema.add_table<SeededRecord>();
}

Loop::State::State(LoopParts given)
    : parts(std::move(given)),
      database(parts.schema),
      commits(
          parts.strand,
          parts.offload,
          parts.store,
          database,
          {.durable =
               [this](const state::ChangeSet& changes) {
                   refusals = 0;
                   for (const auto& subscriber : durable_subscribers) subscriber(changes);
                   if (commits.waiting() == 0) drained.set();
                   if (controllers_paused) keys.set();
               },
           .undone = [this](const auto& undone, const Error& why) { take_back(undone, why); },
           .lost = [this](const Error& why) { lose_memory(why); },
           .policy_now = [this] { return turn().now; },
           .policy_durable = [this](PolicyInstant at) { durable_policy = std::max(durable_policy, at); }}
      ),
      keys(parts.strand),
      timers(parts.strand),
      drained(parts.strand),
      tasks(parts.strand) {}

Loop::Loop(LoopParts parts) : state_(std::make_unique<State>(std::move(parts))) {}

Loop::~Loop() = default;

void Loop::add_controller(std::shared_ptr<const Controller> controller) {
    state_->controllers.push_back(std::move(controller));
}
void Loop::add_seeder(Seeder seeder) { state_->seeders.push_back(std::move(seeder)); }
void Loop::on_change(std::function<void(const state::View&, const state::Change&)> subscriber) {
    state_->change_subscribers.push_back(std::move(subscriber));
}
void Loop::on_durable(std::function<void(const state::ChangeSet&)> subscriber) {
    state_->durable_subscribers.push_back(std::move(subscriber));
}
void Loop::on_loaded(std::function<void(const state::View&)> subscriber) {
    state_->load_subscribers.push_back(std::move(subscriber));
}

void Loop::submit(Work work, Who who, Done done) {
    asio::post(
        state_->parts.strand, [state = state_.get(), work = std::move(work), who = std::move(who),
                               done = std::move(done)] { state->work_on(work, who, done); }
    );
}

asio::awaitable<Result<void>> Loop::transact(Work work, Who who) {
    if (state_->parts.enter != nullptr) {
        auto outcome = std::make_shared<Outcome>();
        const bool ran = state_->parts.enter->try_run([&] {
            state_->work_on(work, who, [outcome](Result<void> result) { outcome->tell(std::move(result)); });
        });
        if (ran) {
            // Nothing was in flight: no wait, no change of threads.
            if (auto told = outcome->take()) co_return *std::move(told);
            co_return co_await wait_for(std::move(outcome));
        }
    }
    auto initiate = [this](auto handler, Work given, Who caller) {
        submit(std::move(given), std::move(caller), resumption(std::move(handler)));
    };
    co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(Result<void>)>(
        std::move(initiate), asio::use_awaitable, std::move(work), std::move(who)
    );
}

state::Turn Loop::State::turn() {
    const auto clock = state::View(database).get<PolicyClockRecord>("clock");
    const auto real = parts.clock.now();
    last_policy = std::max(last_policy, policy_at(clock.get(), real));
    return {last_policy, real, parts.chance};
}

void Loop::State::work_on(const Work& work, const Who& who, const Done& done) {
    if (!ready || stopping) {
        done(trouble(Errc::unavailable, ready ? "the control plane is stopping" : "the state is being loaded")
        );
        return;
    }
    const auto started = parts.clock.steady_now();
    auto result = run_for(work, who);
    if (const auto took = parts.clock.steady_now() - started; took > kLongTurn)
        log::warn("a turn of the strand was long", {{"ms", took.count()}});
    // A refusal too waits: it may have seen what is not durable yet.
    if (commits.seen() == commits.durable()) return done(std::move(result));
    commits.when_durable(commits.seen(), [result = std::move(result), done](Result<void> fence) {
        done(fence ? result : std::move(fence));
    });
}

Result<void> Loop::State::run_for(const Work& work, const Who& who) {
    if (who) {
        TRY(const auto caller, who(state::View(database), turn()));
        run_seeders(caller);
    }
    return run(work);
}

void Loop::State::run_seeders(const Caller& caller) {
    while (needs_seeding(state::View(database), seeders, caller)) {
        const auto seeded = run([&](state::Txn& txn) -> Result<void> {
            seed_one(txn, seeders, caller);
            return {};
        });
        ASSERT(seeded, "a seeder that refuses");
    }
}

Result<void> Loop::State::run(const Work& work) {
    const auto now = turn();
    state::Txn txn(database, now);
    auto result = work(txn);
    if (!result) {
        txn.undo();
        return result;
    }
    auto changes = txn.finish();
    if (changes.empty()) return result;
    note(changes);
    commits.add(std::move(changes));
    return result;
}

void Loop::State::note(const state::ChangeSet& changes) {
    const state::View view(database);
    const auto policy_table = parts.schema.table_of<PolicyClockRecord>();
    for (const auto& change : changes) {
        for (std::size_t i = 0; i < controllers.size(); ++i) {
            controllers[i]->affected(view, change, [&](std::string key) { queue.push({i, std::move(key)}); });
        }
        for (const auto& subscriber : change_subscribers) subscriber(view, change);
        if (change.table == policy_table) {
            publish_policy_clock();
            timers.set();
        }
    }
    if (!queue.empty()) keys.set();
}

void Loop::State::watch_convergence(const Look& look, RealInstant now) {
    if (now - busy_since > kBusyWindow || now < busy_since) {
        busy.clear();
        busy_since = now;
    }
    if (++busy[look] != kBusyActions) return;
    log::error(
        "a controller does not converge",
        {{"controller", controllers[look.controller]->name()}, {"key", look.key}, {"plans", kBusyActions}}
    );
}

void Loop::State::reconcile(const Look& look) {
    const auto now = turn();
    const auto plan = controllers[look.controller]->reconcile(state::View(database), look.key, now);
    queue.look_again(look, plan.policy_again(), plan.real_again());
    if (plan.policy_again() || plan.real_again()) timers.set();
    if (plan.actions().empty()) return;
    watch_convergence(look, now.real_now);
    if (log::enabled(log::Level::debug)) {
        for (const auto& action : plan.actions()) {
            log::debug(
                action.reason, {{"controller", controllers[look.controller]->name()},
                                {"key", look.key},
                                {"record", action.key}}
            );
        }
    }
    (void)run([&](state::Txn& txn) -> Result<void> {
        txn.apply(plan);
        return {};
    });
}

LoopStatus Loop::status() const {
    LoopStatus status;
    const state::View view(state_->database);
    const auto now = state_->turn();
    const auto clock = view.get<PolicyClockRecord>("clock");
    status.ready = state_->ready;
    status.seen = state_->commits.seen();
    status.durable = state_->commits.durable();
    status.keys_queued = state_->queue.size();
    status.keys_sleeping = state_->queue.sleeping();
    status.policy_now = now.now;
    status.real_now = now.real_now;
    status.policy_rate = clock ? clock->rate : 1;
    status.commits_failed = state_->commits_failed;
    status.reloads = state_->reloads;
    const auto& tables = state_->parts.schema.tables();
    for (state::TableId id = 0; id < tables.size(); ++id)
        status.records.emplace(tables[id].info.name, state_->database.size(id));
    return status;
}

state::View Loop::view() const { return state::View(state_->database); }

PolicyInstant Loop::policy_now() const {
    const std::lock_guard lock(state_->policy_mutex);
    return policy_at(state_->shared_policy_clock.get(), state_->parts.clock.now());
}

RealInstant Loop::real_now() const { return state_->parts.clock.now(); }
std::uint64_t Loop::digest() const { return state::digest(state_->database); }
const asio::any_io_executor& Loop::strand() const { return state_->parts.strand; }
port::Clock& Loop::clock() const { return state_->parts.clock; }
const state::Schema& Loop::schema() const { return state_->parts.schema; }

}  // namespace gantry::control
