#include "autoscaling/scheduled_scaling.h"

#include "autoscaling/capacity_change.h"
#include "autoscaling/scheduled_action.h"

namespace gantry::autoscaling {

namespace {

// A run that is due: at most one of a target at a time, because its writes are what the next one sees.
struct Due {
    PolicyInstant at;
    state::Pinned<ScheduledActionRecord> action;
};

std::string described(const ScheduledActionRecord& action) {
    std::string text;
    if (action.min) text += "min capacity to " + std::to_string(*action.min);
    if (action.min && action.max) text += " and ";
    if (action.max) text += "max capacity to " + std::to_string(*action.max);
    return text;
}

void run(
    const state::View& view,
    const state::Turn& turn,
    const TargetRecord& target,
    const ScheduledActionRecord& action,
    state::Plan& plan
) {
    auto activity =
        begin_activity(turn, target, "scheduled action name " + action.name + " was triggered");
    const std::string what = described(action);
    activity.description = "Setting " + what;
    activity.end = turn.now;
    TargetRecord changed = target;
    changed.min = action.min.value_or(target.min);
    changed.max = action.max.value_or(target.max);
    const auto resource = admit_resource(kNamespace, target.resource, kDimension);
    const auto service = resource ? find_service(view, target.scope(), *resource) : nullptr;
    std::string why;
    if (changed.max < changed.min) why = "Maximum capacity cannot be less than minimum capacity";
    if (!service) why = "ECS service doesn't exist: " + target.resource;
    if (!why.empty()) {
        activity.status = "Failed";
        activity.status_message = "Failed to set " + what + ". Reason: " + why;
        plan.put(std::move(activity), "a scheduled action could not be carried out");
        return;
    }
    activity.status = "Successful";
    activity.status_message = "Successfully set " + what;
    plan.put(std::move(activity), "a scheduled action is carried out");
    const SetLimits set{action.min.has_value(), action.max.has_value()};
    enforce_limits(view, turn, changed, set, *service, plan);
    plan.put(std::move(changed), "a scheduled action sets the limits");
}

std::string target_of(const ScheduledActionRecord& action) {
    return TargetRecord::key(action.scope(), action.resource);
}

}  // namespace

void ScheduledScaling::affected(const state::View& view, const state::Change& change, const KeySink& look_at)
    const {
    if (change.table == view.schema().table_of<TargetRecord>()) look_at(change.key);
    if (const auto* action = changed<ScheduledActionRecord>(view, change, change.after))
        look_at(target_of(*action));
}

void ScheduledScaling::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& target : view.list<TargetRecord>()) look_at(target->key());
}

state::Plan ScheduledScaling::reconcile(
    const state::View& view, std::string_view key, const state::Turn& turn
) const {
    state::Plan plan;
    const auto target = view.get<TargetRecord>(key);
    if (!target) return plan;
    std::optional<Due> first;
    for (const auto& action : view.list<ScheduledActionRecord>(target->parts())) {
        if (action->target != target->id) continue;
        const auto next = action->next_run();
        if (!next) continue;
        if (*next > turn.now) {
            plan.look_again(*next);
            continue;
        }
        const PolicyInstant at = action->last_run(turn.now).value_or(*next);
        if (!first || at < first->at) first = Due{at, action};
    }
    if (!first) return plan;
    if (!target->schedules_suspended) run(view, turn, *target, *first->action, plan);
    ScheduledActionRecord done = *first->action;
    done.ran = first->at;
    plan.put(std::move(done), target->schedules_suspended ? "scheduled scaling is suspended" : "its time has come");
    return plan;
}

}  // namespace gantry::autoscaling
