#include "metric/statistic.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

namespace gantry::metric {
namespace {

std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return {};
    return value;
}

// Digits with at most ten behind the point, as CloudWatch takes them.
std::optional<double> percent(std::string_view text) {
    const auto point = text.find('.');
    if (text.empty() || text.front() == '-' || text.front() == '.') return {};
    if (point != std::string_view::npos && text.size() - point - 1 > 10) return {};
    const auto value = number(text);
    if (!value || *value > 100) return {};
    return value;
}

}  // namespace

bool Statistic::parse_bounds(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return false;
    auto low = text.substr(0, colon);
    auto high = text.substr(colon + 1);
    if (low.empty() && high.empty()) return false;
    const bool low_rank = low.ends_with('%');
    const bool high_rank = high.ends_with('%');
    if (!low.empty() && !high.empty() && low_rank != high_rank) return false;
    by_rank_ = low_rank || high_rank;
    if (low_rank) low.remove_suffix(1);
    if (high_rank) high.remove_suffix(1);
    const auto parse_one = by_rank_ ? percent : number;
    if (!low.empty() && !(low_given_ = parse_one(low))) return false;
    if (!high.empty() && !(high_given_ = parse_one(high))) return false;
    return !low_given_ || !high_given_ || *low_given_ <= *high_given_;
}

std::optional<Statistic> Statistic::parse(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, Kind>, 5> plain{{
        {"SampleCount", Kind::sample_count},
        {"Average", Kind::average},
        {"Sum", Kind::sum},
        {"Minimum", Kind::minimum},
        {"Maximum", Kind::maximum},
    }};
    Statistic out;
    for (const auto& [name, kind] : plain) {
        if (text != name) continue;
        out.kind_ = kind;
        return out;
    }
    std::string low(text);
    std::transform(low.begin(), low.end(), low.begin(), [](unsigned char c) { return std::tolower(c); });
    const std::string_view rest = low;
    if (rest == "iqm") {
        out.kind_ = Kind::trimmed_mean;
        out.low_given_ = 25;
        out.high_given_ = 75;
        return out;
    }
    static constexpr std::array<std::pair<std::string_view, Kind>, 5> cut{{
        {"tm", Kind::trimmed_mean},
        {"wm", Kind::winsorized_mean},
        {"tc", Kind::trimmed_count},
        {"ts", Kind::trimmed_sum},
        {"pr", Kind::percentile_rank},
    }};
    for (const auto& [name, kind] : cut) {
        if (!rest.starts_with(name)) continue;
        out.kind_ = kind;
        auto bounds = rest.substr(name.size());
        if (bounds.starts_with('(') && bounds.ends_with(')')) {
            if (!out.parse_bounds(bounds.substr(1, bounds.size() - 2))) return {};
            if (kind == Kind::percentile_rank && out.by_rank_) return {};
            return out;
        }
        if (kind == Kind::percentile_rank || !(out.high_given_ = percent(bounds))) return {};
        return out;
    }
    if (!rest.starts_with('p')) return {};
    const auto rank = percent(rest.substr(1));
    if (!rank) return {};
    out.kind_ = Kind::percentile;
    out.high_ = *rank;
    return out;
}

std::optional<double> Statistic::of(const Values& values) const {
    if (values.empty()) return {};
    switch (kind_) {
        case Kind::sample_count: return values.count();
        case Kind::average: return values.average();
        case Kind::sum: return values.sum();
        case Kind::minimum: return values.min();
        case Kind::maximum: return values.max();
        case Kind::percentile: return values.percentile(high_);
        default: return of_part(values);
    }
}

// What lies above the lower bound and up to the upper one.
std::optional<double> Statistic::of_part(const Values& values) const {
    if (!values.distributed()) return {};
    const double all = values.count();
    double count = 0;
    double sum = 0;
    double below = 0;  // weight that was cut off at the low end
    double first = 0;
    double last = 0;
    double passed = 0;
    for (const auto& one : values.kept()) {
        double from = passed;
        double to = passed + one.weight;
        passed = to;
        if (by_rank_) {
            from = std::max(from, low_given_.value_or(0) / 100 * all);
            to = std::min(to, high_given_.value_or(100) / 100 * all);
        } else if ((low_given_ && one.value <= *low_given_) || (high_given_ && one.value > *high_given_)) {
            to = from;
        }
        if (to - from <= all * 1e-12) {
            if (count == 0) below = passed;
            continue;
        }
        if (count == 0) {
            first = one.value;
            if (by_rank_) below = from;
        }
        last = one.value;
        count += to - from;
        sum += one.value * (to - from);
    }
    if (kind_ == Kind::percentile_rank) return count / all * 100;
    if (kind_ == Kind::trimmed_count) return count;
    if (count == 0) return {};
    if (kind_ == Kind::trimmed_sum) return sum;
    if (kind_ == Kind::trimmed_mean) return sum / count;
    // Winsorized: what is cut off counts as much as the nearest that is not.
    return (sum + first * below + last * (all - below - count)) / all;
}

}  // namespace gantry::metric
