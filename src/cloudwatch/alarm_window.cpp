#include "cloudwatch/alarm_window.h"

#include <algorithm>

#include "metric/point.h"

namespace gantry::cloudwatch {

std::vector<std::int64_t> alarm_window(
    PolicyInstant now, std::int64_t period_s, std::size_t count, const std::vector<PolicyJump>& jumps
) {
    const std::int64_t step = period_s < 60 ? 10 : 60;
    std::int64_t end = metric::round_down(now.ms / 1'000, step);
    std::vector<std::int64_t> starts;
    while (starts.size() < count) {
        const std::int64_t start = end - period_s;
        const auto over = std::find_if(jumps.begin(), jumps.end(), [&](const PolicyJump& jump) {
            return jump.from.ms < end * 1'000 && jump.to.ms > start * 1'000;
        });
        if (over == jumps.end()) {
            starts.push_back(start);
            end = start;
        } else {
            end = std::min(metric::round_down(over->from.ms / 1'000, step), end - step);
        }
    }
    std::reverse(starts.begin(), starts.end());
    return starts;
}

}  // namespace gantry::cloudwatch
