#include "ecs/task_set_schedule.h"

#include <algorithm>

#include "ecs/service_apply.h"
#include "ecs/service_event.h"
#include "ecs/service_words.h"

namespace gantry::ecs {

namespace {

void schedule_service(
    const state::View& view, const state::Turn& turn, const ServiceSnapshot& snapshot, state::Plan& plan) {
    const auto& sets = snapshot.task_sets;
    ServiceRecord service = *snapshot.service;
    if (service.status == ServiceStatus::DRAINING) {
        if (!sets.empty()) return;
        service.status = ServiceStatus::INACTIVE;
        service.status_at = turn.now;
        return plan.put(std::move(service), "nothing is left of the deleted service");
    }
    const bool steady = !sets.empty() && std::all_of(sets.begin(), sets.end(), [](const auto& set) {
        return set->stability == Stability::STEADY_STATE;
    });
    if (steady == service.told.steady) return;
    if (steady) note_event(view, service, turn, words::told(service.name, words::steady_state()), plan);
    service.told.steady = steady;
    plan.put(std::move(service), "all its task sets are steady, or not any more");
}

}  // namespace

void schedule_task_sets(
    const state::View& view, const state::Turn& turn, const ServiceSnapshot& snapshot, state::Plan& plan
) {
    for (const auto& set : snapshot.task_sets) {
        const auto before = scheduler_state(view, turn, snapshot, *set);
        const auto decided = scheduler::plan_task_set(before, {turn.now, turn.real_now});
        if (decided.real_again) plan.look_again(*decided.real_again);
        if (decided.policy_again) plan.look_again(*decided.policy_again);
        if (decided.idle(before) && set->computed_desired == before.desired) continue;
        return apply_task_set_plan(view, turn, snapshot, *set, before, decided, plan);
    }
    schedule_service(view, turn, snapshot, plan);
}

}  // namespace gantry::ecs
