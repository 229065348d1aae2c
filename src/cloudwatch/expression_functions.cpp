#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "cloudwatch/expression_node.h"
#include "metric/point.h"

// What metric math does with values.
namespace gantry::cloudwatch {
namespace {

tl::unexpected<Error> unfit(const std::string& where) {
    return refuse("ValidationError", "The operands of " + where + " in the expression do not fit.");
}

double compute(const std::string& op, double left, double right) {
    if (op == "+") return left + right;
    if (op == "-") return left - right;
    if (op == "*") return left * right;
    if (op == "/") return left / right;
    if (op == "^") return std::pow(left, right);
    bool truth = false;
    if (op == "==") truth = left == right;
    if (op == "!=") truth = left != right;
    if (op == "<=") truth = left <= right;
    if (op == ">=") truth = left >= right;
    if (op == "<") truth = left < right;
    if (op == ">") truth = left > right;
    if (op == "AND") truth = left != 0 && right != 0;
    if (op == "OR") truth = left != 0 || right != 0;
    return truth ? 1 : 0;
}

// Points that are no numbers (a division by nothing) are no points.
void put(TimeSeries& series, std::int64_t at, double value) {
    if (std::isfinite(value)) series.points[at] = value;
}

template <class F>
TimeSeries each(const TimeSeries& given, F&& f) {
    TimeSeries out{given.period_s, {}};
    for (const auto& [at, value] : given.points) put(out, at, f(value));
    return out;
}

// Only times at which both have data.
TimeSeries both(const std::string& op, const TimeSeries& left, const TimeSeries& right) {
    TimeSeries out{std::max(left.period_s, right.period_s), {}};
    for (const auto& [at, value] : left.points) {
        const auto other = right.points.find(at);
        if (other != right.points.end()) put(out, at, compute(op, value, other->second));
    }
    return out;
}

double aggregate(const std::string& name, const std::vector<double>& all) {
    const auto count = static_cast<double>(all.size());
    double sum = 0;
    for (const double one : all) sum += one;
    if (name == "SUM") return sum;
    if (name == "AVG") return sum / count;
    if (name == "MIN") return *std::min_element(all.begin(), all.end());
    if (name == "MAX") return *std::max_element(all.begin(), all.end());
    double squares = 0;
    for (const double one : all) squares += (one - sum / count) * (one - sum / count);
    return std::sqrt(squares / count);
}

// A series becomes a number, an array of series a series.
Result<MathValue> aggregated(const std::string& name, const MathValue& given) {
    if (const auto* series = std::get_if<TimeSeries>(&given)) {
        std::vector<double> all;
        for (const auto& [_, value] : series->points) all.push_back(value);
        return MathValue{all.empty() ? std::numeric_limits<double>::quiet_NaN() : aggregate(name, all)};
    }
    const auto* array = std::get_if<SeriesArray>(&given);
    if (array == nullptr) return name == "STDDEV" ? unfit(name) : Result<MathValue>(given);
    std::map<std::int64_t, std::vector<double>> times;
    TimeSeries out;
    for (const auto& one : *array) {
        out.period_s = std::max(out.period_s, one.series.period_s);
        for (const auto& [at, value] : one.series.points) times[at].push_back(value);
    }
    for (const auto& [at, all] : times) put(out, at, aggregate(name, all));
    return MathValue{std::move(out)};
}

template <class F>
Result<MathValue> mapped(const std::string& name, const MathValue& given, F&& f) {
    if (const auto* number = std::get_if<double>(&given)) {
        TimeSeries one;
        one.points[0] = *number;
        const auto out = f(one).points;
        return MathValue{out.empty() ? std::numeric_limits<double>::quiet_NaN() : out.begin()->second};
    }
    if (const auto* series = std::get_if<TimeSeries>(&given)) return MathValue{f(*series)};
    const auto* array = std::get_if<SeriesArray>(&given);
    if (array == nullptr) return unfit(name);
    SeriesArray out;
    for (const auto& one : *array) out.push_back({one.id, f(one.series)});
    return MathValue{std::move(out)};
}

TimeSeries changes(const TimeSeries& given, bool by_second) {
    TimeSeries out{given.period_s, {}};
    const std::pair<const std::int64_t, double>* before = nullptr;
    for (const auto& point : given.points) {
        if (before != nullptr) {
            const double change = point.second - before->second;
            put(out, point.first, by_second ? change / double(point.first - before->first) : change);
        }
        before = &point;
    }
    return out;
}

TimeSeries running(const TimeSeries& given) {
    double sum = 0;
    return each(given, [&](double value) { return sum += value; });
}

Result<TimeSeries> filled(const TimeSeries& given, const MathValue& with, const MathScope& scope) {
    TimeSeries out = given;
    const auto* number = std::get_if<double>(&with);
    const auto* other = std::get_if<TimeSeries>(&with);
    const auto* word = std::get_if<std::string>(&with);
    if (number == nullptr && other == nullptr && (word == nullptr || (*word != "REPEAT" && *word != "LINEAR")))
        return unfit("FILL");
    for (auto at = scope.start_s; at < scope.end_s; at += given.period_s) {
        if (given.points.contains(at)) continue;
        const auto after = given.points.upper_bound(at);
        if (number != nullptr) {
            put(out, at, *number);
        } else if (other != nullptr) {
            if (const auto found = other->points.find(at); found != other->points.end())
                put(out, at, found->second);
        } else if (after != given.points.begin()) {
            const auto before = std::prev(after);
            if (*word == "REPEAT") {
                put(out, at, before->second);
            } else if (after != given.points.end()) {
                const double share = double(at - before->first) / double(after->first - before->first);
                put(out, at, before->second + (after->second - before->second) * share);
            }
        }
    }
    return out;
}

Result<MathValue> choose(const std::vector<MathValue>& arguments) {
    // IF(condition, then): where it does not hold there is nothing.
    const auto pick = [&](const MathValue& from, std::int64_t at) -> std::optional<double> {
        if (const auto* number = std::get_if<double>(&from)) return *number;
        const auto& points = std::get<TimeSeries>(from).points;
        const auto found = points.find(at);
        return found == points.end() ? std::nullopt : std::optional(found->second);
    };
    for (const auto& one : arguments) {
        if (!std::holds_alternative<double>(one) && !std::holds_alternative<TimeSeries>(one))
            return unfit("IF");
    }
    if (const auto* holds = std::get_if<double>(&arguments[0])) {
        if (*holds != 0) return arguments[1];
        return arguments.size() > 2 ? arguments[2] : MathValue{TimeSeries{}};
    }
    const auto& condition = std::get<TimeSeries>(arguments[0]);
    TimeSeries out{condition.period_s, {}};
    for (const auto& [at, holds] : condition.points) {
        if (holds == 0 && arguments.size() < 3) continue;
        if (const auto value = pick(arguments[holds != 0 ? 1 : 2], at)) put(out, at, *value);
    }
    return MathValue{std::move(out)};
}

SeriesArray metrics(const MathScope& scope, const std::string& part) {
    SeriesArray all;
    for (const auto& [id, value] : scope.known) {
        const auto* series = std::get_if<TimeSeries>(&value);
        if (series == nullptr || id.find(part) == std::string::npos) continue;
        if (std::find(scope.metrics.begin(), scope.metrics.end(), id) != scope.metrics.end())
            all.push_back({id, *series});
    }
    return all;
}

Result<MathValue> call_one(const std::string& name, const MathValue& given, const MathScope& scope) {
    if (name == "SUM" || name == "AVG" || name == "MIN" || name == "MAX" || name == "STDDEV")
        return aggregated(name, given);
    using Plain = double (*)(double);
    static const std::map<std::string, Plain> plain{
        {"ABS", std::abs}, {"CEIL", std::ceil}, {"FLOOR", std::floor}, {"LOG", std::log}, {"LOG10", std::log10}
    };
    if (const auto found = plain.find(name); found != plain.end())
        return mapped(name, given, [&](const TimeSeries& one) { return each(one, found->second); });
    if (name == "RATE" || name == "DIFF")
        return mapped(name, given, [&](const TimeSeries& one) { return changes(one, name == "RATE"); });
    if (name == "RUNNING_SUM") return mapped(name, given, running);
    if (name == "PERIOD") {
        const auto* series = std::get_if<TimeSeries>(&given);
        return series == nullptr ? Result<MathValue>(unfit(name)) : MathValue{double(series->period_s)};
    }
    if (name == "METRIC_COUNT" || name == "FIRST" || name == "LAST") {
        const auto* array = std::get_if<SeriesArray>(&given);
        if (array == nullptr || (array->empty() && name != "METRIC_COUNT")) return unfit(name);
        if (name == "METRIC_COUNT") return MathValue{double(array->size())};
        return MathValue{name == "FIRST" ? array->front().series : array->back().series};
    }
    if (name == "TIME_SERIES") {
        const auto* number = std::get_if<double>(&given);
        if (number == nullptr) return unfit(name);
        TimeSeries out;
        if (!scope.metrics.empty()) {
            for (const auto& [id, value] : scope.known)
                if (const auto* series = std::get_if<TimeSeries>(&value)) out.period_s = series->period_s;
        }
        for (auto at = scope.start_s; at < scope.end_s; at += out.period_s) out.points[at] = *number;
        return MathValue{std::move(out)};
    }
    return refuse("ValidationError", "Gantry's metric math does not have " + name + "() yet.");
}

}  // namespace

Result<MathValue> apply_operator(const std::string& op, const MathValue& left, const MathValue& right) {
    const auto* left_number = std::get_if<double>(&left);
    const auto* right_number = std::get_if<double>(&right);
    const auto* left_series = std::get_if<TimeSeries>(&left);
    const auto* right_series = std::get_if<TimeSeries>(&right);
    const auto* left_array = std::get_if<SeriesArray>(&left);
    const auto* right_array = std::get_if<SeriesArray>(&right);
    if (std::holds_alternative<std::string>(left) || std::holds_alternative<std::string>(right))
        return unfit(op);
    if (left_number != nullptr && right_number != nullptr)
        return MathValue{compute(op, *left_number, *right_number)};
    if (left_series != nullptr && right_series != nullptr)
        return MathValue{both(op, *left_series, *right_series)};
    if (left_series != nullptr && right_number != nullptr)
        return MathValue{each(*left_series, [&](double value) { return compute(op, value, *right_number); })};
    if (left_number != nullptr && right_series != nullptr)
        return MathValue{each(*right_series, [&](double value) { return compute(op, *left_number, value); })};
    if (left_array != nullptr && right_array != nullptr && left_array->size() != right_array->size())
        return unfit(op);
    SeriesArray out;
    const auto size = left_array != nullptr ? left_array->size() : right_array->size();
    for (std::size_t i = 0; i < size; ++i) {
        const auto part = [i](const SeriesArray* array, const MathValue& whole) {
            return array == nullptr ? whole : MathValue{(*array)[i].series};
        };
        TRY(auto value, apply_operator(op, part(left_array, left), part(right_array, right)));
        out.push_back({(left_array != nullptr ? *left_array : *right_array)[i].id, std::get<TimeSeries>(value)});
    }
    return MathValue{std::move(out)};
}

Result<MathValue> call_function(
    const std::string& name, const std::vector<MathValue>& arguments, const MathScope& scope
) {
    if (name == "METRICS") {
        if (arguments.empty()) return MathValue{metrics(scope, "")};
        const auto* part = std::get_if<std::string>(&arguments[0]);
        return part == nullptr ? Result<MathValue>(unfit(name)) : MathValue{metrics(scope, *part)};
    }
    if (name == "IF") return arguments.size() < 2 || arguments.size() > 3 ? unfit(name) : choose(arguments);
    if (name == "FILL") {
        if (arguments.size() != 2) return unfit(name);
        if (const auto* series = std::get_if<TimeSeries>(&arguments[0])) {
            TRY(auto out, filled(*series, arguments[1], scope));
            return MathValue{std::move(out)};
        }
        const auto* array = std::get_if<SeriesArray>(&arguments[0]);
        if (array == nullptr) return unfit(name);
        SeriesArray out;
        for (const auto& one : *array) {
            TRY(auto series, filled(one.series, arguments[1], scope));
            out.push_back({one.id, std::move(series)});
        }
        return MathValue{std::move(out)};
    }
    if (arguments.size() != 1) return unfit(name);
    return call_one(name, arguments[0], scope);
}

}  // namespace gantry::cloudwatch
