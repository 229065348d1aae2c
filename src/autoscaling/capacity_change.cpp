#include "autoscaling/capacity_change.h"

#include "ecs/desired_count.h"

namespace gantry::autoscaling {

namespace {

void override_earlier(
    const state::View& view, const state::Turn& turn, const ScalingStateRecord& state, state::Plan& plan
) {
    const auto found = view.get<ActivityRecord>(state.activity);
    if (!found) return;
    ActivityRecord earlier = *found;
    earlier.end = turn.now;
    earlier.status = "Overridden";
    plan.put(std::move(earlier), "another activity has taken its place");
}

}  // namespace

ActivityRecord begin_activity(const state::Turn& turn, const TargetRecord& target, std::string cause) {
    ActivityRecord activity;
    activity.account = target.account;
    activity.region = target.region;
    activity.resource = target.resource;
    activity.id = turn.chance.uuid();
    activity.start = turn.now;
    activity.cause = std::move(cause);
    activity.status = "InProgress";
    return activity;
}

void change_capacity(
    const state::View& view,
    const state::Turn& turn,
    const TargetRecord& target,
    const ecs::ServiceRecord& service,
    int capacity,
    std::string cause,
    ScalingStateRecord& state,
    state::Plan& plan
) {
    const std::string count = std::to_string(capacity);
    auto activity = begin_activity(turn, target, std::move(cause));
    activity.description = "Setting desired count to " + count + ".";
    activity.status_message =
        "Successfully set desired count to " + count + ". Waiting for change to be fulfilled by ecs.";
    override_earlier(view, turn, state, plan);
    state.activity = activity.key();
    ecs::set_desired_count(view, turn, service, capacity, plan);
    plan.put(std::move(activity), "the service is scaled");
}

void enforce_limits(
    const state::View& view,
    const state::Turn& turn,
    const TargetRecord& target,
    SetLimits set,
    const ecs::ServiceRecord& service,
    state::Plan& plan
) {
    const bool out = set.min && service.desired_count < target.min;
    const bool in = set.max && service.desired_count > target.max;
    if (!out && !in) return;
    const auto known = view.get<ScalingStateRecord>(target.key());
    ScalingStateRecord state = known ? *known : ScalingStateRecord{};
    state.target = target.key();
    const int capacity = out ? target.min : target.max;
    const std::string cause =
        std::string(out ? "minimum" : "maximum") + " capacity was set to " + std::to_string(capacity);
    change_capacity(view, turn, target, service, capacity, cause, state, plan);
    plan.put(std::move(state), "the activity is remembered until it is fulfilled");
}

}  // namespace gantry::autoscaling
