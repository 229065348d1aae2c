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

    static std::string key(std::string_view parts, std::string_view name) {
        return std::string(parts) + std::string(name);
    }
    std::string scope() const { return account + "/" + region + "/"; }
    std::string key() const { return key(TargetRecord::key(scope(), resource) + "/", name); }
    std::string arn() const {
        return "arn:aws:autoscaling:" + region + ":" + account + ":scheduledAction:" + id + ":resource/" +
               kNamespace + "/" + resource + ":scheduledActionName/" + name;
    }
};
BOOST_DESCRIBE_STRUCT(
    ScheduledActionRecord,
    (),
    (account, region, resource, target, name, id, schedule, time_zone, start, end, min, max, created)
)

}  // namespace gantry::autoscaling
