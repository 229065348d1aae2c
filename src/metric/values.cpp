#include "metric/values.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace gantry::metric {
namespace {

bool lower(const Weighted& left, const Weighted& right) { return left.value < right.value; }

// The scale of a t-digest: steep at both ends, where ranks matter most.
double scale(double share) {
    const double bounded = std::clamp(share, 0.0, 1.0);
    return static_cast<double>(Values::kKeptMost) / (2 * std::numbers::pi) * std::asin(2 * bounded - 1);
}

void push(std::vector<Weighted>& all, const Weighted& one) {
    if (!all.empty() && all.back().value == one.value)
        all.back().weight += one.weight;
    else
        all.push_back(one);
}

}  // namespace

Values Values::of(double value, double times) {
    Values all;
    all.add(value, times);
    return all;
}

Values Values::summary(double count, double sum, double min, double max) {
    if (min == max || count == 1) return of(count == 1 ? sum : min, count);
    Values all;
    all.count_ = count;
    all.sum_ = sum;
    all.min_ = min;
    all.max_ = max;
    all.distributed_ = false;
    return all;
}

Values Values::restored(
    double count, double sum, double min, double max, bool distributed, std::vector<Weighted> kept
) {
    Values all;
    all.count_ = count;
    all.sum_ = sum;
    all.min_ = min;
    all.max_ = max;
    all.distributed_ = distributed;
    all.kept_ = std::move(kept);
    return all;
}

void Values::add(double value, double times) {
    count_ += times;
    sum_ += value * times;
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
    if (!distributed_) return;
    const Weighted one{value, times};
    const auto at = std::lower_bound(kept_.begin(), kept_.end(), one, lower);
    if (at != kept_.end() && at->value == value)
        at->weight += times;
    else
        kept_.insert(at, one);
    if (kept_.size() > 2 * kKeptMost) join();
}

void Values::merge(const Values& other) {
    if (other.empty()) return;
    count_ += other.count_;
    sum_ += other.sum_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
    distributed_ = distributed_ && other.distributed_;
    if (!distributed_) {
        kept_.clear();
        return;
    }
    std::vector<Weighted> both;
    both.reserve(kept_.size() + other.kept_.size());
    auto left = kept_.begin();
    auto right = other.kept_.begin();
    while (left != kept_.end() || right != other.kept_.end()) {
        const bool from_left =
            right == other.kept_.end() || (left != kept_.end() && !lower(*right, *left));
        push(both, from_left ? *left++ : *right++);
    }
    kept_ = std::move(both);
    if (kept_.size() > 2 * kKeptMost) join();
}

void Values::join() {
    std::vector<Weighted> joined;
    double before = 0;
    double start = scale(0);
    for (const auto& one : kept_) {
        if (!joined.empty() && scale((before + one.weight) / count_) - start <= 1) {
            auto& last = joined.back();
            const double weight = last.weight + one.weight;
            last.value += (one.value - last.value) * one.weight / weight;
            last.weight = weight;
        } else {
            start = scale(before / count_);
            joined.push_back(one);
        }
        before += one.weight;
    }
    kept_ = std::move(joined);
}

std::optional<double> Values::percentile(double p) const {
    if (!distributed_ || empty()) return std::nullopt;
    if (p <= 0) return min_;
    if (p >= 100) return max_;
    // A rank that is whole but for rounding is that rank.
    const double rank = p / 100 * count_ * (1 - 1e-12);
    double passed = 0;
    for (const auto& one : kept_) {
        passed += one.weight;
        if (passed >= rank) return std::clamp(one.value, min_, max_);
    }
    return max_;
}

}  // namespace gantry::metric
