#include "schedule/next_run.h"

#include <absl/time/time.h>

#include <algorithm>

#include "base/assertion.h"

namespace gantry::schedule {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kLookedBackFirst = std::chrono::hours(24);

absl::TimeZone zone_named(const std::string& name) {
    absl::TimeZone zone = absl::UTCTimeZone();
    // A name that this machine's database lacks runs by UTC: it was admitted where it was known.
    if (!name.empty() && name != "UTC") absl::LoadTimeZone(name, &zone);
    return zone;
}

std::chrono::local_seconds wall_of(PolicyInstant at, const absl::TimeZone& zone) {
    const auto civil = zone.At(absl::FromUnixMillis(at.ms)).cs;
    return std::chrono::local_seconds(seconds(civil - absl::CivilSecond()));
}

// How a wall clock shows this: once, never or twice.
struct Shown {
    bool skipped;
    PolicyInstant at;
};
Shown instant_of(std::chrono::local_seconds wall, const absl::TimeZone& zone) {
    const auto info = zone.At(absl::CivilSecond() + wall.time_since_epoch().count());
    const bool skipped = info.kind == absl::TimeZone::TimeInfo::SKIPPED;
    return {skipped, PolicyInstant{absl::ToUnixMillis(skipped ? info.trans : info.pre)}};
}

}  // namespace

Timetable::Timetable(ScheduleExpression schedule, std::string_view zone, PolicyInstant anchor)
    : schedule_(std::move(schedule)), zone_(zone), anchor_(anchor) {}

std::optional<PolicyInstant> Timetable::next(PolicyInstant after) const {
    if (const auto* rate = std::get_if<Rate>(&schedule_)) {
        if (after < anchor_) return anchor_ + rate->period;
        return anchor_ + rate->period * ((after - anchor_) / rate->period + 1);
    }
    const auto zone = zone_named(zone_);
    if (const auto* at = std::get_if<At>(&schedule_)) {
        const auto once = instant_of(at->time, zone).at;
        return once > after ? std::optional(once) : std::nullopt;
    }
    auto wall = std::chrono::floor<minutes>(wall_of(after, zone));
    // Twice an hour's minutes are all that a zone's change can leave out or repeat, and a day for those that
    // skipped one.
    while (const auto found = std::get<CronExpression>(schedule_).next(wall)) {
        const auto shown = instant_of(*found, zone);
        if (!shown.skipped && shown.at > after) return shown.at;
        wall = *found;
    }
    return std::nullopt;
}

std::optional<PolicyInstant> Timetable::last(PolicyInstant after, PolicyInstant until) const {
    if (const auto* rate = std::get_if<Rate>(&schedule_)) {
        if (until < anchor_ + rate->period) return std::nullopt;
        const auto latest = anchor_ + rate->period * ((until - anchor_) / rate->period);
        return latest > after ? std::optional(latest) : std::nullopt;
    }
    // What recurs often is found in the last hours, what recurs seldom in few steps.
    for (Duration back = kLookedBackFirst;; back *= 4) {
        auto from = std::max(after, until - back);
        std::optional<PolicyInstant> found;
        while (const auto one = next(from)) {
            if (*one > until) break;
            found = from = *one;
        }
        if (found || until - back <= after) return found;
    }
}

}  // namespace gantry::schedule
