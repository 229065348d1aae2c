#include "control/metric_feed.h"

#include <algorithm>

#include "base/log.h"

namespace gantry::control {
namespace {

// More than a store that stands still for a while makes wait.
constexpr std::size_t kWaitingMost = 100'000;

}  // namespace

MetricFeed::MetricFeed(boost::asio::any_io_executor executor, port::MetricStore& store, LatestMetrics* latest)
    : store_(store), latest_(latest), wake_(executor), group_(executor) {}

void MetricFeed::start() { group_.spawn("metric feed", write_out()); }

boost::asio::awaitable<void> MetricFeed::stop() { co_await group_.stop(); }

void MetricFeed::add(std::vector<port::MetricSample> samples) {
    if (latest_ != nullptr) latest_->add(samples);
    if (samples.empty() || waiting_.size() > kWaitingMost) return;
    waiting_.insert(
        waiting_.end(), std::make_move_iterator(samples.begin()), std::make_move_iterator(samples.end())
    );
    wake_.set();
}

boost::asio::awaitable<void> MetricFeed::write_out() {
    for (;;) {
        if (const auto woken = co_await wake_.wait(); !woken) co_return;
        auto now = std::exchange(waiting_, {});
        if (now.empty()) continue;
        const auto stored = co_await store_.append(std::move(now));
        if (!stored && stored.error().errc == Errc::cancelled) co_return;
        if (!stored) log::warn("metric points are lost", {{"why", stored.error()}});
    }
}

Duration measure_interval(double rate) {
    constexpr double third = 20'000;
    return Duration{static_cast<std::int64_t>(std::clamp(third / rate, third / 60, third))};
}

}  // namespace gantry::control
