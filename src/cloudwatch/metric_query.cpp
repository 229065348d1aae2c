#include "cloudwatch/metric_query.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "cloudwatch/metric_name.h"
#include "metric/statistic.h"

namespace gantry::cloudwatch {

using namespace shapes::cloudwatch;

namespace {

tl::unexpected<Error> invalid(std::string message) { return refuse("ValidationError", std::move(message)); }

bool is_id(const std::string& id) {
    return !id.empty() && std::islower(static_cast<unsigned char>(id.front())) != 0 &&
           std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

Result<void> admit_stat(const MetricDataQuery& query) {
    const auto& stat = *query.metric_stat;
    if (!metric::Statistic::parse(stat.stat))
        return invalid("The value " + stat.stat + " for parameter MetricDataQueries.member.MetricStat.Stat is not a valid statistic.");
    if (!is_query_period(stat.period)) {
        return invalid(
            "The value " + std::to_string(stat.period) +
            " for parameter MetricDataQueries.member.MetricStat.Period must be 1, 5, 10, 20, 30 or a multiple of 60."
        );
    }
    if (!stat.metric.namespace_ || !stat.metric.metric_name)
        return invalid("The metric of '" + query.id + "' has no Namespace or no MetricName.");
    return {};
}

using Needs = std::map<std::string, std::vector<std::string>>;

bool in_circle(const Needs& needs, const std::string& id, std::set<std::string>& done, std::set<std::string>& open) {
    if (done.contains(id)) return false;
    if (!open.insert(id).second) return true;
    if (const auto found = needs.find(id); found != needs.end()) {
        for (const auto& other : found->second)
            if (in_circle(needs, other, done, open)) return true;
    }
    open.erase(id);
    done.insert(id);
    return false;
}

// Units are put together: whoever wants one apart names it.
TimeSeries series_of(const std::vector<metric::Point>& points, const MetricStat& stat) {
    const auto statistic = metric::Statistic::parse(stat.stat).value();
    std::map<std::int64_t, metric::Values> together;
    for (const auto& point : points) together[point.at_s].merge(point.values);
    TimeSeries out{stat.period, {}};
    for (const auto& [at, values] : together) {
        if (const auto value = statistic.of(values)) out.points[at] = *value;
    }
    return out;
}

}  // namespace

Result<void> admit_queries(const std::vector<MetricDataQuery>& queries) {
    std::set<std::string> ids;
    for (const auto& query : queries) {
        if (!is_id(query.id)) {
            return invalid(
                "The value " + query.id +
                " for parameter MetricDataQueries.member.Id does not begin with a lower-case letter or contains "
                "other characters than letters, digits and '_'."
            );
        }
        if (!ids.insert(query.id).second)
            return invalid("The values for parameter id in MetricDataQueries are not unique.");
        if (query.metric_stat.has_value() == query.expression.has_value())
            return invalid("Exactly one of MetricStat and Expression is required for '" + query.id + "'.");
        if (query.metric_stat) TRY_VOID(admit_stat(query));
    }
    Needs needs;
    for (const auto& query : queries) {
        if (!query.expression) continue;
        TRY(const auto expression, Expression::parse(*query.expression));
        auto& names = needs[query.id] = expression.names();
        for (const auto& name : names) {
            if (!ids.contains(name))
                return invalid("The expression of '" + query.id + "' names '" + name + "', which is not there.");
        }
    }
    std::set<std::string> done;
    std::set<std::string> open;
    for (const auto& [id, _] : needs)
        if (in_circle(needs, id, done, open)) return invalid("The expressions name each other in a circle.");
    return {};
}

Awaitable<Result<std::vector<QueryResult>>> run_queries(
    port::MetricStore& store, const std::vector<MetricDataQuery>& queries, QueryScope scope
) {
    MathScope math;
    math.end_s = metric::round_down(scope.end_ms + 999, 1'000) / 1'000;
    std::map<std::string, std::string> labels;
    std::int64_t finest = 60;
    for (const auto& query : queries) {
        labels[query.id] = query.label.value_or(query.id);
        if (!query.metric_stat) continue;
        const auto& stat = *query.metric_stat;
        if (!query.label) labels[query.id] = *stat.metric.metric_name;
        port::MetricRead what;
        what.name = metric_name(
            query.account_id.value_or(scope.account), scope.region, *stat.metric.namespace_, *stat.metric.metric_name,
            stat.metric.dimensions
        );
        what.span.start_s = query_start(scope.start_ms, stat.period, scope.now_ms);
        what.span.end_s = math.end_s;
        what.span.period_s = stat.period;
        what.span.unit = stat.unit;
        finest = std::max<std::int64_t>(finest, stat.period);
        math.start_s = what.span.start_s;
        auto read = co_await store.read(std::move(what));
        CO_TRY(const auto points, std::move(read));
        math.known.emplace_back(query.id, series_of(points, stat));
        math.metrics.push_back(query.id);
    }
    if (math.metrics.empty()) math.start_s = query_start(scope.start_ms, finest, scope.now_ms);
    // An expression may name one that comes later: each round does those whose names are known.
    std::vector<const MetricDataQuery*> waiting;
    for (const auto& query : queries)
        if (query.expression) waiting.push_back(&query);
    const auto is_known = [&](const std::string& name) {
        return std::any_of(math.known.begin(), math.known.end(), [&](const auto& one) { return one.first == name; });
    };
    while (!waiting.empty()) {
        const auto next = std::find_if(waiting.begin(), waiting.end(), [&](const auto* query) {
            const auto expression = Expression::parse(*query->expression);
            const auto names = expression ? expression->names() : std::vector<std::string>{};
            return std::all_of(names.begin(), names.end(), is_known);
        });
        if (next == waiting.end()) co_return refuse("ValidationError", "The expressions name each other in a circle.");
        CO_TRY(const auto expression, Expression::parse(*(*next)->expression));
        CO_TRY(auto value, expression.evaluate(math));
        math.known.emplace_back((*next)->id, std::move(value));
        waiting.erase(next);
    }
    std::vector<QueryResult> results;
    for (const auto& query : queries) {
        if (!query.return_data.value_or(true)) continue;
        const auto found =
            std::find_if(math.known.begin(), math.known.end(), [&](const auto& one) { return one.first == query.id; });
        const auto* series = std::get_if<TimeSeries>(&found->second);
        const auto* array = std::get_if<SeriesArray>(&found->second);
        if (series != nullptr) {
            results.push_back({query.id, labels[query.id], *series});
        } else if (array != nullptr) {
            for (const auto& one : *array)
                results.push_back({query.id, query.label.value_or(labels.contains(one.id) ? labels[one.id] : one.id), one.series});
        } else {
            co_return refuse(
                "ValidationError", "The expression of '" + query.id + "' gives a number, not a time series."
            );
        }
    }
    co_return results;
}

}  // namespace gantry::cloudwatch
