#include "autoscaling/removal.h"

#include "autoscaling/scheduled_action.h"
#include "cloudwatch/owned_alarm.h"

namespace gantry::autoscaling {

namespace {

// A policy takes at most five records.
constexpr std::size_t records_most = 90;

template <class R>
void look_at_target(const state::View& view, const state::Change& change, const KeySink& look_at) {
    for (const auto& side : {change.before, change.after}) {
        if (const R* part = changed<R>(view, change, side))
            look_at(TargetRecord::key(part->scope(), part->resource));
    }
}

}  // namespace

void remove_policy(
    const state::View& view, const PolicyRecord& policy, const state::Turn& turn, state::Plan& plan
) {
    for (const auto& name : policy.alarms)
        cloudwatch::erase_alarm(view, turn, cloudwatch::AlarmRecord::key(policy.scope(), name), plan);
    plan.erase<PolicyRecord>(policy.key(), "its scalable target was deregistered");
}

state::Plan plan_removal(const state::View& view, std::string_view target_key, const state::Turn& turn) {
    state::Plan plan;
    const auto target = view.get<TargetRecord>(target_key);
    const std::string id = target ? target->id : std::string();
    const std::string parts = std::string(target_key) + "/";
    for (const auto& policy : view.list<PolicyRecord>(parts)) {
        if (policy->target == id) continue;
        if (plan.actions().size() > records_most - 5) return plan;
        remove_policy(view, *policy, turn, plan);
    }
    for (const auto& action : view.list<ScheduledActionRecord>(parts)) {
        if (action->target == id) continue;
        if (plan.actions().size() >= records_most) return plan;
        plan.erase<ScheduledActionRecord>(action->key(), "its scalable target was deregistered");
    }
    return plan;
}

void RemovalController::affected(const state::View& view, const state::Change& change, const KeySink& look_at)
    const {
    if (change.table == view.schema().table_of<TargetRecord>()) look_at(change.key);
    look_at_target<PolicyRecord>(view, change, look_at);
    look_at_target<ScheduledActionRecord>(view, change, look_at);
}

void RemovalController::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& policy : view.list<PolicyRecord>())
        look_at(TargetRecord::key(policy->scope(), policy->resource));
    for (const auto& action : view.list<ScheduledActionRecord>())
        look_at(TargetRecord::key(action->scope(), action->resource));
}

state::Plan RemovalController::reconcile(
    const state::View& view, std::string_view key, const state::Turn& turn
) const {
    return plan_removal(view, key, turn);
}

}  // namespace gantry::autoscaling
