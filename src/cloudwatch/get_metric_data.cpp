#include <algorithm>
#include <charconv>

#include "cloudwatch/metric_query.h"
#include "operation/caller.h"

namespace gantry::cloudwatch {

using namespace shapes::cloudwatch;

namespace {

constexpr std::size_t queries_most = 500;
constexpr std::int64_t points_most = 100'800;

Result<std::size_t> read_token(const std::optional<std::string>& token) {
    std::size_t passed = 0;
    if (!token) return passed;
    const auto [end, failed] = std::from_chars(token->data(), token->data() + token->size(), passed);
    if (failed != std::errc{} || end != token->data() + token->size())
        return refuse("InvalidNextToken", "The next token is not valid.");
    return passed;
}

Result<void> admit(const GetMetricDataRequest& request) {
    if (request.metric_data_queries.size() > queries_most) {
        return refuse(
            "ValidationError", "The collection MetricDataQueries must not have a size greater than 500."
        );
    }
    if (request.start_time.ms >= request.end_time.ms) {
        return refuse(
            "ValidationError", "The parameter StartTime must be less than the parameter EndTime."
        );
    }
    TRY_VOID(admit_queries(request.metric_data_queries));
    // What one answer could need, before its pages: an honest bound of memory.
    std::int64_t points = 0;
    for (const auto& query : request.metric_data_queries) {
        if (query.metric_stat)
            points += (request.end_time.ms - request.start_time.ms) / 1'000 / query.metric_stat->period;
    }
    if (points > 10 * points_most) {
        return refuse(
            "ValidationError",
            "You have requested up to " + std::to_string(points) + " datapoints, which exceeds the limit of " +
                std::to_string(10 * points_most) + ". Increase Period or decrease the time range."
        );
    }
    return {};
}

}  // namespace

// Newest first unless asked otherwise. A page ends in the midst of a result, whose status then is PartialData.
Awaitable<Result<GetMetricDataResponse>> get_metric_data(
    DataContext& context, GetMetricDataRequest request, Caller caller
) {
    CO_TRY_VOID(admit(request));
    CO_TRY(auto passed, read_token(request.next_token));
    QueryScope scope{
        caller.account, caller.region, request.start_time.ms, request.end_time.ms, context.now().ms
    };
    auto ran = co_await run_queries(context.metric_store(), request.metric_data_queries, std::move(scope));
    CO_TRY(const auto results, std::move(ran));
    const bool oldest_first = request.scan_by && *request.scan_by == "TimestampAscending";
    const auto most = std::clamp<std::int64_t>(request.max_datapoints.value_or(points_most), 1, points_most);
    const auto page_end = passed + static_cast<std::size_t>(most);

    GetMetricDataResponse response;
    auto& list = response.metric_data_results.emplace();
    response.messages.emplace();
    std::size_t number = 0;
    for (const auto& result : results) {
        const auto size = result.series.points.size();
        const auto first = number;
        number += size;
        // Told whole on an earlier page.
        if (size > 0 && number <= passed) continue;
        if (first >= page_end) {
            response.next_token = std::to_string(page_end);
            break;
        }
        auto& shown = list.emplace_back();
        shown.id = result.id;
        shown.label = result.label;
        auto& times = shown.timestamps.emplace();
        auto& values = shown.values.emplace();
        std::vector<std::pair<std::int64_t, double>> points(result.series.points.begin(), result.series.points.end());
        if (!oldest_first) std::reverse(points.begin(), points.end());
        for (std::size_t i = std::max(first, passed); i < std::min(number, page_end); ++i) {
            times.push_back(shapes::Timestamp{points[i - first].first * 1'000});
            values.push_back(points[i - first].second);
        }
        shown.status_code = number > page_end ? "PartialData" : "Complete";
        if (number > page_end) {
            response.next_token = std::to_string(page_end);
            break;
        }
    }
    co_return response;
}

}  // namespace gantry::cloudwatch
