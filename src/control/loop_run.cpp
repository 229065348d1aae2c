#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "control/loop.h"
#include "control/loop_state.h"
#include "control/policy_time.h"

namespace gantry::control {
namespace asio = boost::asio;
namespace {

// So many keys are looked at before others get their turn.
constexpr int kKeysPerSlice = 16;
// Controllers stand still while so many transactions wait for the store.
constexpr std::size_t kUndurableMax = 2'000;
constexpr Duration kIdle = std::chrono::hours(1);

Duration pause_after(int refusals) { return Duration{std::min(10'000, 50 << std::min(refusals, 8))}; }

struct Loaded {
    struct Row {
        state::TableId table;
        std::string key;
        state::Erased record;
    };
    std::vector<Row> rows;
    HighWater high_water;
    std::map<std::string, std::size_t> foreign;
    std::string unreadable;
};

void take_in(const state::Schema& schema, port::StoredRecord stored, Loaded& loaded) {
    if (stored.table == HighWater::kTable) {
        loaded.high_water = decode_text<HighWater>(stored.json).value_or(HighWater{});
        return;
    }
    state::TableId id = 0;
    const auto* table = schema.table_named(stored.table, &id);
    if (table == nullptr) {
        ++loaded.foreign[stored.table];
        return;
    }
    const auto complain = [&](const std::string& why) {
        if (loaded.unreadable.empty()) loaded.unreadable = stored.table + " " + stored.key + ": " + why;
    };
    if (stored.version > table->info.version) return complain("written by a newer version of Gantry");
    boost::system::error_code failed;
    const auto json = boost::json::parse(stored.json, failed);
    if (failed) return complain("not JSON");
    auto record = table->decode(json);
    if (!record) return complain(record.error().message);
    loaded.rows.push_back({id, std::move(stored.key), *std::move(record)});
}

}  // namespace

asio::awaitable<Result<void>> Loop::start() {
    auto& state = *state_;
    state.tasks.spawn("commits", state.commits.run());
    CO_TRY_VOID(co_await state.load());
    state.tasks.spawn("controllers", state.run_controllers());
    state.tasks.spawn("timers", state.run_timers());
    co_return Result<void>{};
}

asio::awaitable<void> Loop::stop() {
    auto& state = *state_;
    state.stopping = true;
    while (state.ready && state.commits.waiting() > 0) (void)co_await state.drained.wait();
    state.ready = false;
    state.commits.fail_all({Errc::unavailable, {}, "the control plane is stopping"});
    co_await state.tasks.stop();
    co_await state.commits.stop();
}

// Loading is no turn: nothing else happens on the strand until it is done.
asio::awaitable<Result<void>> Loop::State::load() {
    auto loaded = std::make_shared<Loaded>();
    // Named: GCC 12 destroys a capturing temporary in a co_await expression twice.
    port::Store::Visit visit = [this, loaded](port::StoredRecord stored) {
        take_in(parts.schema, std::move(stored), *loaded);
    };
    CO_TRY(const auto sequence, co_await parts.store.load(std::move(visit)));
    if (!loaded->unreadable.empty()) co_return trouble(Errc::invalid, loaded->unreadable);
    for (const auto& [table, count] : loaded->foreign)
        log::warn(
            "records of a table that this version does not know are left alone",
            {{"table", table}, {"records", count}}
        );
    database.clear();
    queue.clear();
    for (auto& row : loaded->rows) database.replace(row.table, row.key, std::move(row.record));
    last_policy = durable_policy = loaded->high_water.policy;
    publish_policy_clock();
    commits.reset(sequence, loaded->high_water.index);
    const state::View view(database);
    for (std::size_t i = 0; i < controllers.size(); ++i)
        controllers[i]->all(view, [&](std::string key) { queue.push({i, std::move(key)}); });
    ready = true;
    for (const auto& subscriber : load_subscribers) subscriber(view);
    keys.set();
    timers.set();
    co_return Result<void>{};
}

asio::awaitable<void> Loop::State::reload() {
    for (int attempt = 0;; ++attempt) {
        const auto done = co_await load();
        if (done) break;
        if (done.error().errc == Errc::cancelled) co_return;
        log::error("the state cannot be loaded from the store", {{"why", done.error()}});
        if (const auto slept = co_await parts.clock.sleep_for(pause_after(attempt)); !slept) co_return;
    }
    ++reloads;
}

void Loop::State::lose_memory(const Error& why) {
    log::error("the outcome of a commit is not known; the state is loaded again", {{"why", why}});
    ready = false;
    ++commits_failed;
    commits.fail_all({Errc::unknown, {}, "it is not known whether this was stored: " + why.message});
    drained.set();
    queue.clear();
    if (!stopping) tasks.spawn("reload", reload());
}

void Loop::State::take_back(const std::vector<SharedChangeSet>& undone, const Error& why) {
    log::error("the store refuses; changes are undone", {{"why", why}, {"transactions", undone.size()}});
    ++refusals;
    ++commits_failed;
    // What was handed out meanwhile never left the process.
    last_policy = durable_policy;
    for (const auto& changes : undone) {
        state::ChangeSet reversed = *changes;
        for (auto& change : reversed) std::swap(change.before, change.after);
        note(reversed);
    }
    drained.set();
}

asio::awaitable<void> Loop::State::run_controllers() {
    int last_refusals = 0;
    for (;;) {
        if (const auto woken = co_await keys.wait(); !woken) co_return;
        while (ready && !stopping && !queue.empty()) {
            if (refusals > last_refusals) {
                const auto slept = co_await parts.clock.sleep_for(pause_after(refusals));
                if (!slept) co_return;
            }
            last_refusals = refusals;
            controllers_paused = commits.waiting() > kUndurableMax;
            if (controllers_paused) break;
            for (int i = 0; i < kKeysPerSlice && ready; ++i) {
                const auto look = queue.pop();
                if (!look) break;
                reconcile(*look);
            }
            co_await asio::post(parts.strand, asio::use_awaitable);
        }
    }
}

asio::awaitable<void> Loop::State::run_timers() {
    using namespace asio::experimental::awaitable_operators;
    for (;;) {
        const auto now = turn();
        queue.wake(now.now, now.real_now);
        if (!queue.empty()) keys.set();
        auto next = now.real_now + kIdle;
        if (const auto real = queue.next_real()) next = std::min(next, *real);
        if (const auto policy = queue.next_policy()) {
            const auto clock = state::View(database).get<PolicyClockRecord>("clock");
            next = std::min(next, real_at(clock.get(), *policy));
        }
        const auto woken = co_await (parts.clock.sleep_until(next) || timers.wait());
        const auto& result = woken.index() == 0 ? std::get<0>(woken) : std::get<1>(woken);
        if (!result) co_return;
    }
}

void Loop::State::publish_policy_clock() {
    const std::lock_guard lock(policy_mutex);
    shared_policy_clock = state::View(database).get<PolicyClockRecord>("clock");
}

}  // namespace gantry::control
