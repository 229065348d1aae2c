#include <cmath>
#include <set>

#include "cloudwatch/metric_name.h"
#include "operation/data_context.h"
#include "port/metric_store.h"
#include "shapes/cloudwatch/shapes.h"

namespace gantry::cloudwatch {

using namespace shapes::cloudwatch;

namespace {

constexpr std::size_t datums_most = 1'000;
constexpr std::size_t values_most = 150;
constexpr std::int64_t hour = 3'600'000;
constexpr std::int64_t past_most = 14 * 24 * hour;
constexpr std::int64_t future_most = 2 * hour;

tl::unexpected<Error> wrong_value(std::string message) {
    return refuse("InvalidParameterValue", std::move(message));
}

// The request as a whole, named after what is wrong in it: "MetricData.member.3.".
class Datum {
  public:
    Datum(const MetricDatum& given, std::size_t number)
        : given_(given), path_("MetricData.member." + std::to_string(number) + ".") {}

    Result<metric::Values> values() const {
        const int kinds = int(given_.value.has_value()) + int(given_.values.has_value()) +
                          int(given_.statistic_values.has_value());
        if (kinds == 0) {
            return refuse(
                "MissingParameter", "At least one of the parameters " + path_ + "Value, " + path_ +
                                        "Values or " + path_ + "StatisticValues must be specified."
            );
        }
        if (kinds > 1) {
            const char* first = given_.value ? "Value" : "Values";
            const char* second = given_.value && given_.values ? "Values" : "StatisticValues";
            return refuse(
                "InvalidParameterCombination",
                "The parameters " + path_ + first + " and " + path_ + second +
                    " are mutually exclusive and you have specified both."
            );
        }
        if (given_.counts && !given_.values) {
            return refuse(
                "InvalidParameterCombination",
                "The parameter " + path_ + "Counts is only for " + path_ + "Values."
            );
        }
        if (given_.value) {
            TRY_VOID(check(*given_.value, "Value"));
            return metric::Values::of(*given_.value);
        }
        return given_.values ? many() : summary();
    }

    Result<std::int64_t> width() const {
        const auto seconds = given_.storage_resolution.value_or(60);
        if (seconds != 1 && seconds != 60) return wrong(std::to_string(seconds), "StorageResolution");
        return seconds;
    }

    Result<std::int64_t> time(std::int64_t now_ms) const {
        if (!given_.timestamp) return now_ms;
        if (given_.timestamp->ms > now_ms + future_most) {
            return wrong_value(
                "The parameter " + path_ + "Timestamp must specify a time no more than two hours in the future."
            );
        }
        if (given_.timestamp->ms < now_ms - past_most) {
            return wrong_value(
                "The parameter " + path_ + "Timestamp must specify a time within the past two weeks."
            );
        }
        return given_.timestamp->ms;
    }

    Result<void> check_dimensions() const {
        std::set<std::string> names;
        for (const auto& one : given_.dimensions.value_or(std::vector<Dimension>{})) {
            if (one.name.front() == ':') return wrong(one.name, "Dimensions.member.Name");
            if (!names.insert(one.name).second) {
                return wrong_value(
                    "No parameter " + path_ + "Dimensions can have two members with the Name " + one.name + "."
                );
            }
        }
        return {};
    }

  private:
    tl::unexpected<Error> wrong(const std::string& value, const char* member) const {
        return wrong_value("The value " + value + " for parameter " + path_ + member + " is invalid.");
    }

    // CloudWatch takes no more than 2 to the 360th, nor what is no number.
    Result<void> check(double value, const char* member) const {
        static const double most = std::ldexp(1.0, 360);
        if (std::isfinite(value) && std::abs(value) <= most) return {};
        return wrong(std::isnan(value) ? "NaN" : std::to_string(value), member);
    }

    Result<metric::Values> many() const {
        const auto& all = *given_.values;
        if (given_.counts && given_.counts->size() != all.size()) {
            return wrong_value(
                "The parameters " + path_ + "Values and " + path_ + "Counts must be of the same size."
            );
        }
        if (all.empty()) return wrong_value("The parameter " + path_ + "Values must not be empty.");
        if (all.size() > values_most) {
            return wrong_value(
                "The collection " + path_ + "Values must not have a size greater than " +
                std::to_string(values_most) + "."
            );
        }
        metric::Values values;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const double times = given_.counts ? (*given_.counts)[i] : 1;
            TRY_VOID(check(all[i], "Values"));
            TRY_VOID(check(times, "Counts"));
            if (times < 0) return wrong(std::to_string(times), "Counts");
            if (times > 0) values.add(all[i], times);
        }
        return values;
    }

    Result<metric::Values> summary() const {
        const auto& set = *given_.statistic_values;
        for (const double one : {set.sample_count, set.sum, set.minimum, set.maximum})
            TRY_VOID(check(one, "StatisticValues"));
        if (set.sample_count < 0) return wrong(std::to_string(set.sample_count), "StatisticValues.SampleCount");
        if (set.minimum > set.maximum) {
            return refuse(
                "InvalidParameterCombination",
                "The parameter " + path_ + "StatisticValues.Maximum must be greater than " + path_ +
                    "StatisticValues.Minimum."
            );
        }
        if (set.sample_count == 0) return metric::Values{};
        return metric::Values::summary(set.sample_count, set.sum, set.minimum, set.maximum);
    }

    const MetricDatum& given_;
    std::string path_;
};

Result<std::vector<port::MetricSample>> admit(
    const PutMetricDataRequest& request, const Caller& caller, std::int64_t now_ms
) {
    if (request.namespace_.starts_with("AWS/"))
        return wrong_value("The value AWS/ for parameter Namespace is invalid.");
    std::vector<const MetricDatum*> datums;
    if (request.metric_data) {
        for (const auto& one : *request.metric_data) datums.push_back(&one);
    }
    // Who an entity is says nothing about the numbers: its data are taken as the others'.
    if (request.entity_metric_data) {
        for (const auto& entity : *request.entity_metric_data) {
            if (!entity.metric_data) continue;
            for (const auto& one : *entity.metric_data) datums.push_back(&one);
        }
    }
    if (!request.metric_data && !request.entity_metric_data)
        return refuse("MissingParameter", "The parameter MetricData is required.");
    if (datums.size() > datums_most) {
        return wrong_value(
            "The collection MetricData must not have a size greater than " + std::to_string(datums_most) + "."
        );
    }
    std::vector<port::MetricSample> samples;
    samples.reserve(datums.size());
    for (std::size_t i = 0; i < datums.size(); ++i) {
        const auto& given = *datums[i];
        const Datum datum(given, i + 1);
        TRY_VOID(datum.check_dimensions());
        TRY(auto values, datum.values());
        TRY(const auto width, datum.width());
        TRY(const auto time, datum.time(now_ms));
        if (values.empty()) continue;
        samples.push_back(
            {metric_name(
                 caller.account, caller.region, request.namespace_, given.metric_name, given.dimensions
             ),
             {metric::round_down(metric::round_down(time, 1'000) / 1'000, width), width,
              given.unit.value_or("None"), std::move(values)}}
        );
    }
    return samples;
}

}  // namespace

Awaitable<Result<PutMetricDataResponse>> put_metric_data(
    DataContext& context, PutMetricDataRequest request, Caller caller
) {
    CO_TRY(auto samples, admit(request, caller, context.now().ms));
    if (!samples.empty()) CO_TRY_VOID(co_await context.metric_store().append(std::move(samples)));
    co_return PutMetricDataResponse{};
}

}  // namespace gantry::cloudwatch
