#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "scheduler/schedule_group.h"
#include "shapes/record_codec.h"
#include "shapes/scheduler/shapes.h"
#include "state/schema.h"

namespace gantry::scheduler {

// Calls its target at its times.
struct ScheduleRecord {
    static constexpr state::TableInfo kTable{"scheduler.schedule", 1};

    std::string account;
    std::string region;
    std::string group;
    std::string name;
    std::string token;  // of the request that created it
    std::optional<std::string> description;
    std::string expression;  // "at(…)", "rate(…)", "cron(…)", parsed when it was put
    std::string zone;        // IANA name
    std::optional<PolicyInstant> start;
    std::optional<PolicyInstant> end;
    int window_minutes = 0;  // of a flexible time window; 0: off
    bool enabled = true;
    bool deleted_when_complete = false;
    shapes::scheduler::Target target;
    PolicyInstant created;
    PolicyInstant modified;
    PolicyInstant since;            // when it was enabled with this expression; before, it has no runs
    std::optional<PolicyInstant> ran;  // the last run that is done
    // With a flexible window: how long after its time the next run fires.
    std::optional<Duration> delay;

    static std::string key(std::string_view scope, std::string_view group, std::string_view name) {
        return std::string(scope) + std::string(group) + "/" + std::string(name);
    }
    std::string scope() const { return account + "/" + region + "/"; }
    std::string key() const { return key(scope(), group, name); }
    std::string arn() const {
        return "arn:aws:scheduler:" + region + ":" + account + ":schedule/" + group + "/" + name;
    }

    // The first time that is not done. Absent: it has completed. A rate counts from the start date, which is its first
    // time, and without one from when it was enabled; start and end do not bound an at(), as documented.
    std::optional<PolicyInstant> next_run() const;
    // The last time up to `now` that is not done.
    std::optional<PolicyInstant> last_run(PolicyInstant now) const;
};
BOOST_DESCRIBE_STRUCT(
    ScheduleRecord,
    (),
    (account,
     region,
     group,
     name,
     token,
     description,
     expression,
     zone,
     start,
     end,
     window_minutes,
     enabled,
     deleted_when_complete,
     target,
     created,
     modified,
     since,
     ran,
     delay)
)

}  // namespace gantry::scheduler
