#include "control/latest_metrics.h"

#include <utility>

namespace gantry::control {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kKept = 5 * kMinute;

}  // namespace

void LatestMetrics::add(const std::vector<port::MetricSample>& samples) {
    const std::lock_guard lock(mutex_);
    for (const auto& sample : samples) {
        if (sample.point.width_s != kMinute) continue;
        auto& newest = all_[sample.name];
        if (sample.point.at_s < newest.now.at_s) continue;
        if (sample.point.at_s > newest.now.at_s)
            newest.before = std::exchange(newest.now, Minute{sample.point.at_s, {}});
        newest.now.values.merge(sample.point.values);
    }
}

std::vector<LatestMetrics::Found> LatestMetrics::page(std::int64_t now_s, const metric::Name* after, std::size_t most) {
    const auto over = [&](const Minute& minute) {
        return !minute.values.empty() && minute.at_s + kMinute <= now_s && minute.at_s + kMinute + kKept > now_s;
    };
    std::vector<Found> found;
    const std::lock_guard lock(mutex_);
    auto at = after == nullptr ? all_.begin() : all_.upper_bound(*after);
    while (at != all_.end() && found.size() < most) {
        const auto& [name, newest] = *at;
        if (over(newest.now))
            found.push_back({name, newest.now.values});
        else if (over(newest.before))
            found.push_back({name, newest.before.values});
        else if (newest.now.at_s + kMinute + kKept <= now_s) {
            at = all_.erase(at);
            continue;
        }
        ++at;
    }
    return found;
}

}  // namespace gantry::control
