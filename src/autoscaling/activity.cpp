#include "autoscaling/activity.h"

#include <algorithm>

#include "autoscaling/page.h"
#include "ecs/scope.h"
#include "state/txn.h"

namespace gantry::autoscaling {

using namespace shapes::applicationautoscaling;
using state::Txn;

namespace {

constexpr std::size_t expired_at_once = 50;

ScalingActivity show(const ActivityRecord& activity) {
    ScalingActivity out;
    out.activity_id = activity.id;
    out.service_namespace = kNamespace;
    out.resource_id = activity.resource;
    out.scalable_dimension = kDimension;
    out.description = activity.description;
    out.cause = activity.cause;
    out.start_time = shapes::Timestamp{activity.start.ms};
    if (activity.end) out.end_time = shapes::Timestamp{activity.end->ms};
    out.status_code = activity.status;
    if (!activity.status_message.empty()) out.status_message = activity.status_message;
    if (!activity.not_scaled.empty()) out.not_scaled_reasons = activity.not_scaled;
    return out;
}

}  // namespace

std::string ActivityRecord::key() const { return scope() + ecs::padded(start.ms, 15) + "/" + id; }

void ActivitiesByTime::keys(const ActivityRecord& activity, std::vector<std::string>& out) {
    out.push_back(ecs::padded(activity.start.ms, 15));
}

// Newest first. What was not done is shown when asked for only.
Result<DescribeScalingActivitiesResponse> describe_scaling_activities(
    Txn& txn, const DescribeScalingActivitiesRequest& request, const Caller& caller
) {
    DescribeScalingActivitiesResponse response;
    auto& list = response.scaling_activities.emplace();
    if (request.service_namespace != kNamespace ||
        request.scalable_dimension.value_or(kDimension) != kDimension)
        return response;
    auto found = request.resource_id ? txn.find<ActivitiesByResource>(caller.scope() + *request.resource_id)
                                     : txn.list<ActivityRecord>(caller.scope());
    const bool all = request.include_not_scaled_activities.value_or(false);
    std::erase_if(found, [&](const auto& activity) { return !all && !activity->not_scaled.empty(); });
    std::reverse(found.begin(), found.end());
    TRY(response.next_token, cut_page(found, caller.scope(), request.next_token, request.max_results));
    for (const auto& activity : found) list.push_back(show(*activity));
    return response;
}

void ActivityExpiry::affected(const state::View& view, const state::Change& change, const KeySink& look_at)
    const {
    if (change.table == view.schema().table_of<ActivityRecord>()) look_at("all");
}

void ActivityExpiry::all(const state::View&, const KeySink& look_at) const { look_at("all"); }

state::Plan ActivityExpiry::reconcile(const state::View& view, std::string_view, const state::Turn& turn)
    const {
    state::Plan plan;
    for (const auto& [_, key] : view.database().entries(view.schema().index_of<ActivitiesByTime>())) {
        const PolicyInstant gone = view.get<ActivityRecord>(key)->start + kActivitiesKept;
        if (gone > turn.now) {
            plan.look_again(gone);
            break;
        }
        // The writes themselves bring it back here.
        if (plan.actions().size() == expired_at_once) break;
        plan.erase<ActivityRecord>(key, "older than scaling activities are kept");
    }
    return plan;
}

}  // namespace gantry::autoscaling
