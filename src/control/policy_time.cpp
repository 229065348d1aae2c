#include "control/policy_time.h"

#include <cmath>

namespace gantry::control {
namespace {

PolicyClockRecord anchored_now(const state::Txn& txn) {
    PolicyClockRecord clock;
    if (const auto present = txn.get<PolicyClockRecord>("clock")) clock = *present;
    clock.real = txn.real_now();
    clock.policy = txn.now();
    return clock;
}

}  // namespace

PolicyInstant policy_at(const PolicyClockRecord* clock, RealInstant real) {
    if (clock == nullptr) return {real.ms};
    const auto passed = static_cast<double>((real - clock->real).count());
    return {clock->policy.ms + static_cast<std::int64_t>(std::floor(passed * clock->rate))};
}

RealInstant real_at(const PolicyClockRecord* clock, PolicyInstant policy) {
    if (clock == nullptr) return {policy.ms};
    const auto wanted = static_cast<double>((policy - clock->policy).count());
    // Nobody waits for a thousand years, and nothing overflows.
    constexpr double kFar = 3.2e13;
    if (wanted / clock->rate > kFar) return {clock->real.ms + static_cast<std::int64_t>(kFar)};
    RealInstant real{clock->real.ms + static_cast<std::int64_t>(std::ceil(wanted / clock->rate))};
    // Rounding may leave it a millisecond short.
    while (policy_at(clock, real) < policy) ++real.ms;
    return real;
}

Result<void> advance_policy_time(state::Txn& txn, Duration by) {
    if (by <= Duration{0} || by > std::chrono::years(10))
        return refuse(
            "ValidationException", "The clock can be advanced by more than nothing and up to ten years."
        );
    auto clock = anchored_now(txn);
    const auto from = clock.policy;
    clock.policy = from + by;
    clock.jumps.push_back({from, clock.policy});
    if (clock.jumps.size() > PolicyClockRecord::kJumpsMax) clock.jumps.erase(clock.jumps.begin());
    txn.put(std::move(clock));
    return {};
}

Result<void> set_policy_rate(state::Txn& txn, double rate) {
    if (!(rate >= 0.001 && rate <= 100'000))
        return refuse("ValidationException", "The clock's rate is between 0.001 and 100000.");
    auto clock = anchored_now(txn);
    clock.rate = rate;
    txn.put(std::move(clock));
    return {};
}

}  // namespace gantry::control
