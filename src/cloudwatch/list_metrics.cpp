#include <boost/json.hpp>

#include "cloudwatch/metric_name.h"
#include "operation/data_context.h"
#include "port/metric_store.h"
#include "shapes/cloudwatch/shapes.h"

namespace gantry::cloudwatch {

using namespace shapes::cloudwatch;

namespace {

constexpr std::size_t page_most = 500;
constexpr std::int64_t seen_s = 14 * 86'400;
constexpr std::int64_t recent_s = 3 * 3'600;

std::string token_of(const metric::Name& name) {
    boost::json::array parts{boost::json::string(name.space), boost::json::string(name.name)};
    for (const auto& [key, value] : name.dimensions) {
        parts.emplace_back(key);
        parts.emplace_back(value);
    }
    return boost::json::serialize(parts);
}

Result<metric::Name> read_token(const std::string& token, const Caller& caller) {
    const auto wrong = refuse("InvalidParameterValue", "Invalid nextToken");
    boost::system::error_code failed;
    const auto json = boost::json::parse(token, failed);
    if (failed || !json.is_array() || json.get_array().size() < 2 || json.get_array().size() % 2 != 0)
        return wrong;
    std::vector<std::string> parts;
    for (const auto& part : json.get_array()) {
        if (!part.is_string()) return wrong;
        parts.emplace_back(part.get_string());
    }
    metric::Name name{caller.account, caller.region, parts[0], parts[1], {}};
    for (std::size_t i = 2; i < parts.size(); i += 2) name.dimensions.emplace_back(parts[i], parts[i + 1]);
    return name;
}

}  // namespace

// Metrics that got data within two weeks.
Awaitable<Result<ListMetricsResponse>> list_metrics(
    DataContext& context, ListMetricsRequest request, Caller caller
) {
    ListMetricsResponse response;
    auto& list = response.metrics.emplace();
    if (request.owning_account && *request.owning_account != caller.account) co_return response;
    const std::int64_t now_s = context.now().ms / 1'000;
    port::MetricList what;
    what.account = caller.account;
    what.region = caller.region;
    what.space = request.namespace_;
    what.name = request.metric_name;
    if (request.dimensions) {
        for (const auto& one : *request.dimensions) what.dimensions.push_back({one.name, one.value});
    }
    what.active_since_s = now_s - (request.recently_active ? recent_s : seen_s);
    if (request.next_token) {
        CO_TRY(what.after, read_token(*request.next_token, caller));
    }
    what.most = page_most + 1;
    auto found = co_await context.metric_store().list(std::move(what));
    CO_TRY(const auto names, std::move(found));
    for (const auto& name : names) {
        if (list.size() == page_most) {
            response.next_token = token_of(names[page_most - 1]);
            break;
        }
        auto& metric = list.emplace_back();
        metric.namespace_ = name.space;
        metric.metric_name = name.name;
        metric.dimensions = show_dimensions(name);
    }
    if (request.include_linked_accounts.value_or(false))
        response.owning_accounts = std::vector<std::string>(list.size(), caller.account);
    co_return response;
}

}  // namespace gantry::cloudwatch
