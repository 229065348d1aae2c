#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "autoscaling/target.h"

namespace gantry::autoscaling {

// Moves the target's limits when its schedule fires.
struct ScheduledActionRecord {
    static constexpr state::TableInfo kTable{"autoscaling.scheduled_action", 1};

    std::string account;
    std::string region;
    std::string resource;
    std::string target;  // TargetRecord::id
    std::string name;
    std::string id;
    std::string schedule;  // "at(…)", "rate(…)", "cron(…)", parsed when it was put
    std::optional<std::string> time_zone;
    std::optional<PolicyInstant> start;
    std::optional<PolicyInstant> end;
    std::optional<std::int32_t> min;
    std::optional<std::int32_t> max;
    PolicyInstant created;
    PolicyInstant since;  // when this schedule was put; before, it has no runs
    PolicyInstant ran;    // the last run that was carried out or skipped

    static std::string key(std::string_view parts, std::string_view name) {
        return std::string(parts) + std::string(name);
    }
    std::string scope() const { return account + "/" + region + "/"; }
    std::string key() const { return key(TargetRecord::key(scope(), resource) + "/", name); }
    std::string arn() const {
        return "arn:aws:autoscaling:" + region + ":" + account + ":scheduledAction:" + id + ":resource/" +
               kNamespace + "/" + resource + ":scheduledActionName/" + name;
    }

    // The first run that is not done. Absent: none. Start and end bound what recurs; a rate counts from the start,
    // which is its first run, and without one from when it was put.
    std::optional<PolicyInstant> next_run() const;
    // The last run up to `now` that is not done.
    std::optional<PolicyInstant> last_run(PolicyInstant now) const;
};
BOOST_DESCRIBE_STRUCT(
    ScheduledActionRecord,
    (),
    (account, region, resource, target, name, id, schedule, time_zone, start, end, min, max, created, since, ran)
)

}  // namespace gantry::autoscaling
