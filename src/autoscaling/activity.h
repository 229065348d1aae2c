#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "operation/controller.h"
#include "shapes/applicationautoscaling/shapes.h"
#include "shapes/record_codec.h"
#include "state/schema.h"

namespace gantry::autoscaling {

// Something that was done, or with a reason not done, to a scalable target. Outlives the target.
struct ActivityRecord {
    static constexpr state::TableInfo kTable{"autoscaling.activity", 1};

    std::string account;
    std::string region;
    std::string resource;
    std::string id;
    PolicyInstant start;
    std::optional<PolicyInstant> end;
    std::string description;
    std::string cause;
    std::string status;  // AWS's status code
    std::string status_message;
    std::vector<shapes::applicationautoscaling::NotScaledReason> not_scaled;

    // In the order of their times within account and region.
    std::string scope() const { return account + "/" + region + "/"; }
    std::string key() const;
};
BOOST_DESCRIBE_STRUCT(
    ActivityRecord,
    (),
    (account, region, resource, id, start, end, description, cause, status, status_message, not_scaled)
)

// By time over all accounts, for removal.
struct ActivitiesByTime {
    using Record = ActivityRecord;
    static void keys(const ActivityRecord& activity, std::vector<std::string>& out);
};

struct ActivitiesByResource {
    using Record = ActivityRecord;
    static void keys(const ActivityRecord& activity, std::vector<std::string>& out) {
        out.push_back(activity.scope() + activity.resource);
    }
};

// AWS shows the past six weeks.
inline constexpr Duration kActivitiesKept = std::chrono::hours(6 * 7 * 24);

// Removes what is older. One key, the whole table: it looks at the oldest ones only.
class ActivityExpiry : public Controller {
  public:
    std::string_view name() const override { return "autoscaling.activity_expiry"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::autoscaling
