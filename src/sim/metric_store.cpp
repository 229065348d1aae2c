#include "sim/metric_store.h"

#include <algorithm>

namespace gantry::sim {
namespace {

bool matches(const port::MetricList& what, const metric::Name& name) {
    if (name.account != what.account || name.region != what.region) return false;
    if ((what.space && *what.space != name.space) || (what.name && *what.name != name.name)) return false;
    if (what.after && name <= *what.after) return false;
    return std::ranges::all_of(what.dimensions, [&](const auto& filter) {
        return std::ranges::any_of(name.dimensions, [&](const auto& one) {
            return one.first == filter.name && (!filter.value || one.second == *filter.value);
        });
    });
}

}  // namespace

MetricStore::Reply<> MetricStore::append(std::vector<port::MetricSample> samples) {
    CO_TRY_VOID(ask("append"));
    for (const auto& [name, point] : samples)
        metrics_[name][{{point.at_s, point.width_s}, point.unit}].merge(point.values);
    co_return Result<>{};
}

MetricStore::Reply<std::vector<metric::Point>> MetricStore::read(port::MetricRead what) {
    CO_TRY_VOID(ask("read"));
    metric::Fold fold(what.span);
    if (const auto found = metrics_.find(what.name); found != metrics_.end()) {
        for (const auto& [when, values] : found->second)
            fold.add({when.first.first, when.first.second, when.second, values});
    }
    co_return fold.take();
}

MetricStore::Reply<std::vector<metric::Name>> MetricStore::list(port::MetricList what) {
    CO_TRY_VOID(ask("list"));
    std::vector<metric::Name> all;
    for (const auto& [name, points] : metrics_) {
        if (all.size() == what.most) break;
        if (!points.empty() && points.rbegin()->first.first.first >= what.active_since_s && matches(what, name))
            all.push_back(name);
    }
    co_return all;
}

MetricStore::Reply<> MetricStore::age(std::int64_t now_s) {
    CO_TRY_VOID(ask("age"));
    for (const auto& age : port::kMetricAges) {
        for (auto& [name, points] : metrics_) {
            for (auto at = points.begin(); at != points.end();) {
                const auto [when, unit] = at->first;
                if (when.second != age.width_s || when.first >= now_s - age.kept_s) {
                    ++at;
                    continue;
                }
                if (age.next_width_s != 0) {
                    const auto coarse = metric::round_down(when.first, age.next_width_s);
                    points[{{coarse, age.next_width_s}, unit}].merge(at->second);
                }
                at = points.erase(at);
            }
        }
    }
    std::erase_if(metrics_, [](const auto& one) { return one.second.empty(); });
    co_return Result<>{};
}

}  // namespace gantry::sim
