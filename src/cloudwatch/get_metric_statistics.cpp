#include <algorithm>

#include "cloudwatch/metric_name.h"
#include "metric/statistic.h"
#include "operation/data_context.h"
#include "port/metric_store.h"
#include "shapes/cloudwatch/shapes.h"

namespace gantry::cloudwatch {

using namespace shapes::cloudwatch;

namespace {

constexpr std::int64_t points_most = 1'440;
constexpr std::size_t statistics_most = 5;
constexpr std::size_t extended_most = 10;

// 2,880 as CloudWatch writes it.
std::string grouped(std::int64_t number) {
    std::string text = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

Result<port::MetricRead> admit(
    const GetMetricStatisticsRequest& request, const Caller& caller, std::int64_t now_ms
) {
    const auto& simple = request.statistics;
    const auto& extended = request.extended_statistics;
    if (!simple && !extended) {
        return refuse(
            "MissingParameter",
            "At least one of the parameters Statistics and ExtendedStatistics must be specified."
        );
    }
    if (simple && simple->size() > statistics_most)
        return refuse("InvalidParameterValue", "The collection Statistics must not have a size greater than 5.");
    if (extended && extended->size() > extended_most) {
        return refuse(
            "InvalidParameterValue", "The collection ExtendedStatistics must not have a size greater than 10."
        );
    }
    if (extended) {
        for (const auto& text : *extended) {
            const auto statistic = metric::Statistic::parse(text);
            if (!statistic || statistic->simple()) {
                return refuse(
                    "InvalidParameterValue",
                    "The value " + text + " for parameter ExtendedStatistics.member is invalid."
                );
            }
        }
    }
    if (request.start_time.ms >= request.end_time.ms) {
        return refuse(
            "InvalidParameterValue", "The parameter StartTime must be less than the parameter EndTime."
        );
    }
    if (!is_query_period(request.period)) {
        return refuse(
            "InvalidParameterValue",
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60."
        );
    }
    port::MetricRead what;
    what.name = metric_name(
        caller.account, caller.region, request.namespace_, request.metric_name, request.dimensions
    );
    what.span.period_s = request.period;
    what.span.start_s = query_start(request.start_time.ms, request.period, now_ms);
    what.span.end_s = metric::round_down(request.end_time.ms + 999, 1'000) / 1'000;
    what.span.unit = request.unit;
    const auto points = (what.span.end_s - what.span.start_s) / request.period;
    if (points > points_most) {
        return refuse(
            "InvalidParameterCombination",
            "You have requested up to " + grouped(points) + " datapoints, which exceeds the limit of " +
                grouped(points_most) +
                ". You may reduce the datapoints requested by increasing Period, or decreasing the time range."
        );
    }
    return what;
}

Datapoint show(const GetMetricStatisticsRequest& request, const metric::Point& point) {
    Datapoint out;
    out.timestamp = shapes::Timestamp{point.at_s * 1'000};
    out.unit = point.unit;
    const auto& values = point.values;
    for (const auto& name : request.statistics.value_or(std::vector<std::string>{})) {
        if (name == "SampleCount") out.sample_count = values.count();
        if (name == "Average") out.average = values.average();
        if (name == "Sum") out.sum = values.sum();
        if (name == "Minimum") out.minimum = values.min();
        if (name == "Maximum") out.maximum = values.max();
    }
    if (request.extended_statistics) {
        auto& extended = out.extended_statistics.emplace();
        for (const auto& text : *request.extended_statistics) {
            if (const auto value = metric::Statistic::parse(text)->of(values)) extended[text] = *value;
        }
    }
    return out;
}

}  // namespace

// A data point for each period and unit that has data.
Awaitable<Result<GetMetricStatisticsResponse>> get_metric_statistics(
    DataContext& context, GetMetricStatisticsRequest request, Caller caller
) {
    CO_TRY(auto what, admit(request, caller, context.now().ms));
    auto found = co_await context.metric_store().read(std::move(what));
    CO_TRY(const auto points, std::move(found));
    GetMetricStatisticsResponse response;
    response.label = request.metric_name;
    auto& list = response.datapoints.emplace();
    for (const auto& point : points) {
        auto shown = show(request, point);
        // Percentiles of what has none.
        if (!request.statistics && shown.extended_statistics->empty()) continue;
        list.push_back(std::move(shown));
    }
    co_return response;
}

}  // namespace gantry::cloudwatch
