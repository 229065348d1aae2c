#include "cloudwatch/evaluate_alarms.h"

#include <algorithm>

#include "base/log.h"
#include "cloudwatch/alarm_history.h"
#include "cloudwatch/alarm_window.h"
#include "cloudwatch/judge.h"
#include "cloudwatch/metric_name.h"
#include "cloudwatch/metric_query.h"
#include "metric/statistic.h"
#include "state/txn.h"

namespace gantry::cloudwatch {

using namespace shapes::cloudwatch;

namespace {

constexpr std::size_t at_once = 500;
constexpr std::size_t written_at_once = 10;

using AlarmPin = state::Pinned<AlarmRecord>;

struct AlarmPage {
    std::vector<AlarmPin> alarms;
    std::string after;
    std::vector<PolicyJump> jumps;
    PolicyInstant now;
};

std::int64_t period_of(const PutMetricAlarmRequest& alarm) {
    if (alarm.period) return *alarm.period;
    std::int64_t period = 1;
    for (const auto& query : alarm.metrics.value_or(std::vector<MetricDataQuery>{})) {
        if (query.metric_stat) period = std::max<std::int64_t>(period, query.metric_stat->period);
        if (query.period) period = std::max<std::int64_t>(period, *query.period);
    }
    return period == 1 ? 60 : period;
}

Awaitable<Result<std::vector<JudgedPeriod>>> measured(
    port::MetricStore& store, const AlarmRecord& alarm, const std::vector<std::int64_t>& window, std::int64_t period
) {
    const auto& given = alarm.definition;
    port::MetricRead what;
    what.name =
        metric_name(alarm.account, alarm.region, *given.namespace_, *given.metric_name, given.dimensions);
    what.span = {window.front(), window.back() + period, period, given.unit};
    std::map<std::int64_t, metric::Values> found;
    // Apart where the clock has jumped: each part is counted from its own start.
    for (std::size_t first = 0; first < window.size();) {
        std::size_t last = first;
        while (last + 1 < window.size() && window[last + 1] == window[last] + period) ++last;
        what.span.start_s = window[first];
        what.span.end_s = window[last] + period;
        auto read = co_await store.read(what);
        CO_TRY(const auto points, std::move(read));
        for (const auto& point : points) found[point.at_s].merge(point.values);
        first = last + 1;
    }
    const auto statistic = metric::Statistic::parse(given.statistic ? *given.statistic : *given.extended_statistic);
    std::vector<JudgedPeriod> periods;
    for (const auto start : window) {
        auto& one = periods.emplace_back();
        one.at_s = start;
        const auto values = found.find(start);
        if (values == found.end() || !statistic) continue;
        one.value = statistic->of(values->second);
        one.samples = values->second.count();
    }
    co_return periods;
}

Awaitable<Result<std::vector<JudgedPeriod>>> computed(
    port::MetricStore& store,
    const AlarmRecord& alarm,
    const std::vector<std::int64_t>& window,
    std::int64_t period,
    PolicyInstant now
) {
    QueryScope scope{
        alarm.account, alarm.region, window.front() * 1'000, (window.back() + period) * 1'000, now.ms
    };
    auto ran = co_await run_queries(store, *alarm.definition.metrics, std::move(scope));
    CO_TRY(const auto results, std::move(ran));
    std::vector<JudgedPeriod> periods;
    for (const auto start : window) {
        auto& one = periods.emplace_back();
        one.at_s = start;
        if (results.size() != 1) continue;
        const auto& points = results.front().series.points;
        if (const auto found = points.find(start); found != points.end()) one.value = found->second;
    }
    co_return periods;
}

// Whether an autoscaling policy acts on the alarm for as long as it is in this state: it must know how far the
// metric is from the threshold now.
bool repeats(const AlarmRecord& alarm, AlarmState state) {
    const auto& given = alarm.definition;
    if (!given.actions_enabled.value_or(true)) return false;
    const auto& actions = state == AlarmState::ALARM ? given.alarm_actions
                          : state == AlarmState::OK  ? given.ok_actions
                                                     : given.insufficient_data_actions;
    return actions && std::any_of(actions->begin(), actions->end(), [](const std::string& action) {
               return action.starts_with("arn:aws:autoscaling:");
           });
}

struct Change {
    AlarmPin alarm;
    Verdict verdict;
};

// What was put or deleted since is left to the next pass.
Result<bool> write(state::Txn& txn, const std::vector<Change>& changes) {
    for (const auto& [judged, verdict] : changes) {
        const auto present = txn.get<AlarmRecord>(judged->key());
        if (!present || present.get() != judged.get()) continue;
        AlarmRecord alarm = *present;
        if (alarm.state != verdict.state)
            set_state(txn, alarm, verdict.state, verdict.reason, verdict.reason_data);
        alarm.recent = verdict.recent;
        txn.put(std::move(alarm));
    }
    return true;
}

Awaitable<Result<void>> flush(DataContext& context, std::vector<Change>& changes) {
    if (changes.empty()) co_return Result<void>{};
    // Named: GCC 12 destroys such a temporary twice when it stands in a co_await.
    std::function<Result<bool>(state::Txn&)> work = [now = std::exchange(changes, {})](state::Txn& txn) {
        return write(txn, now);
    };
    auto done = co_await context.transact<bool>(std::move(work));
    if (!done) co_return tl::unexpected<Error>(std::move(done).error());
    co_return Result<void>{};
}

Awaitable<Result<void>> judge_one(
    DataContext& context, const AlarmPage& page, AlarmPin alarm, std::vector<Change>& changes
) {
    const auto& given = alarm->definition;
    const auto period = period_of(given);
    const auto window = alarm_window(page.now, period, judged_range(given), page.jumps);
    auto& store = context.metric_store();
    Result<std::vector<JudgedPeriod>> periods;
    if (given.metrics)
        periods = co_await computed(store, *alarm, window, period, page.now);
    else
        periods = co_await measured(store, *alarm, window, period);
    if (!periods) {
        // A formula that cannot be computed on what there is now.
        if (periods.error().errc == Errc::refused) co_return Result<void>{};
        co_return tl::unexpected<Error>(std::move(periods).error());
    }
    auto verdict = judge(given, alarm->state, *periods, page.now);
    if (!verdict) co_return Result<void>{};
    const bool changed = verdict->state != alarm->state;
    if (!changed && !(repeats(*alarm, verdict->state) && verdict->recent != alarm->recent))
        co_return Result<void>{};
    changes.push_back({std::move(alarm), *std::move(verdict)});
    if (changes.size() >= written_at_once) co_return co_await flush(context, changes);
    co_return Result<void>{};
}

Result<AlarmPage> next_page(state::Txn& txn, const std::string& after) {
    AlarmPage page;
    const auto found = txn.page<AlarmRecord>("", after, at_once);
    for (const auto& alarm : found.records) page.alarms.push_back(alarm);
    if (!page.alarms.empty()) page.after = page.alarms.back()->key();
    if (const auto clock = txn.get<PolicyClockRecord>("clock")) page.jumps = clock->jumps;
    page.now = txn.now();
    return page;
}

}  // namespace

Awaitable<Result<bool>> evaluate_alarms(DataContext& context, bool quick) {
    bool any_quick = false;
    std::string after;
    std::vector<Change> changes;
    const auto now = context.now();
    for (;;) {
        std::function<Result<AlarmPage>(state::Txn&)> ask = [&after](state::Txn& txn) {
            return next_page(txn, after);
        };
        auto found = co_await context.transact<AlarmPage>(std::move(ask));
        CO_TRY(auto page, std::move(found));
        if (page.alarms.empty()) break;
        // One moment for all: a long pass does not judge its last alarms on a later minute.
        page.now = now;
        after = page.after;
        for (auto& alarm : page.alarms) {
            const bool is_quick = period_of(alarm->definition) < 60;
            any_quick = any_quick || is_quick;
            if (quick && !is_quick) continue;
            CO_TRY_VOID(co_await judge_one(context, page, std::move(alarm), changes));
        }
    }
    CO_TRY_VOID(co_await flush(context, changes));
    co_return any_quick;
}

PolicyInstant next_evaluation(PolicyInstant now, bool quick) {
    const std::int64_t step = quick ? 10'000 : 60'000;
    const std::int64_t delay = quick ? 2'000 : 10'000;
    return PolicyInstant{metric::round_down(now.ms - delay, step) + step + delay};
}

}  // namespace gantry::cloudwatch
