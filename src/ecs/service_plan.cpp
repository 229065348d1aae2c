#include "ecs/service_plan.h"

#include <algorithm>

#include "ecs/service_census.h"
#include "ecs/service_course.h"
#include "ecs/service_failures.h"
#include "ecs/service_rolling.h"
#include "ecs/service_words.h"

namespace gantry::ecs::scheduler {

namespace {

const Group& group_of(const Census& census, const std::string& deployment) {
    return census.deployments.at(deployment);
}

Deployment* primary_of(ServicePlan& plan) {
    const auto found =
        std::find_if(plan.deployments.begin(), plan.deployments.end(), [](const auto& deployment) {
            return deployment.primary;
        });
    return found == plan.deployments.end() ? nullptr : &*found;
}

// The primary deployment's tasks are all there and pass, and there are no others and none on their way out.
bool settled(
    const Service& service, const Census& census, const ServicePlan& plan, const Deployment& primary
) {
    const auto& mine = group_of(census, primary.id);
    return plan.starts.empty() && plan.stops.empty() && mine.serving == service.desired &&
           census.all.size() == mine.serving && census.all.leaving == 0;
}

void count_desired(const Service& service, const Census& census, ServicePlan& plan) {
    for (auto& deployment : plan.deployments) {
        if (deployment.primary) {
            deployment.desired = service.deleted ? 0 : service.desired;
            continue;
        }
        const auto& group = group_of(census, deployment.id);
        deployment.desired = group.size();
        for (const auto& stop : plan.stops)
            for (const auto& member : group.members) deployment.desired -= member.task->id == stop.task;
        for (const auto& start : plan.starts) deployment.desired += start.deployment == deployment.id;
    }
}

void end_deployments(const Service& service, const Census& census, ServicePlan& plan) {
    auto* primary = primary_of(plan);
    if (primary == nullptr) return;
    const bool last = !plan.course || plan.course->stage == LifecycleStage::CLEAN_UP;
    if (primary->rollout == Rollout::in_progress && !service.deleted && last &&
        settled(service, census, plan, *primary)) {
        primary->rollout = Rollout::completed;
        primary->reason = words::deployment_done(primary->id);
        primary->proven = true;
        plan.events.push_back(words::deployment_completed(primary->id));
    }
    // The one that has just failed is seen to be FAILED before it goes.
    if (plan.rolled_back_to) return;
    const auto has_traffic = [&](const Deployment& deployment) {
        return plan.course && primary->rollout != Rollout::completed &&
               (deployment.id == plan.course->blue || deployment.id == plan.course->green) && !plan.course->back;
    };
    // One to which the service may have to go back is kept.
    const bool completed = primary->rollout == Rollout::completed;
    bool kept = completed;
    std::erase_if(plan.deployments, [&](const Deployment& deployment) {
        if (deployment.primary || has_traffic(deployment)) return false;
        const auto& group = group_of(census, deployment.id);
        const bool starts = std::any_of(plan.starts.begin(), plan.starts.end(), [&](const Start& start) {
            return start.deployment == deployment.id;
        });
        const bool last_proven = deployment.sound() && !kept;
        kept = kept || last_proven;
        return group.size() == 0 && group.leaving == 0 && !starts && !last_proven;
    });
}

void tell_steady(const Service& service, const Census& census, ServicePlan& plan) {
    const auto* primary = primary_of(plan);
    const bool steady = primary != nullptr && !service.deleted && plan.deployments.size() == 1 &&
                        primary->rollout == Rollout::completed && settled(service, census, plan, *primary);
    if (steady && !plan.told.steady) plan.events.push_back(words::steady_state());
    plan.told.steady = steady;
}

// AWS's conditions: as many tasks run as are desired, none is pending, and no check says or may yet say
// otherwise. A task without checks counts when it runs.
bool stable(const Service& set, const Census& census, const ServicePlan& plan) {
    if (set.deleted || !plan.starts.empty() || !plan.stops.empty()) return false;
    if (census.all.size() != set.desired) return false;
    return std::all_of(set.tasks.begin(), set.tasks.end(), [](const Task& task) {
        if (task.stopping) return !task.running;
        return task.running && (task.health == Health::healthy || task.health == Health::unchecked);
    });
}

void tell_unplaced(const Service& service, const Census& census, ServicePlan& plan) {
    if (census.all.unplaced == 0) {
        plan.told.unplaced = false;
    } else if (!plan.told.unplaced && service.no_room && census.all.leaving == 0 && plan.stops.empty()) {
        plan.told.unplaced = true;
        plan.events.push_back(words::unplaced());
    }
}

}  // namespace

bool ServicePlan::idle(const Service& service) const {
    return starts.empty() && stops.empty() && events.empty() && served.empty() && noted.empty() &&
           deployments == service.deployments && !rolled_back_to && told == service.told && !deleted &&
           course == service.course;
}

namespace {

// What has become of tasks. What does not fit comes first in the next step: then no budget is left.
Census look_at_tasks(const Service& service, const Now& now, ServicePlan& plan, int& budget) {
    plan.deployments = service.deployments;
    plan.told = service.told;
    plan.course = service.course;
    note_ended(service, now, plan, budget);
    auto census = take_census(service, now);
    note_served(census, plan, budget);
    plan.real_again = census.changes_at;
    return census;
}

void earlier(std::optional<RealInstant>& at, const std::optional<RealInstant>& other) {
    if (other && (!at || *other < *at)) at = other;
}
void earlier(std::optional<PolicyInstant>& at, const std::optional<PolicyInstant>& other) {
    if (other && (!at || *other < *at)) at = other;
}

// One deployment, planned as if it were the only one. Returns what is left of the budget.
int keep(const Service& service, Deployment& deployment, int desired, const Now& now, ServicePlan& plan, int budget) {
    Service alone;
    alone.name = service.name;
    alone.desired = desired;
    alone.grace = service.grace;
    alone.placements = service.placements;
    alone.no_room = service.no_room;
    for (const auto& task : service.tasks)
        if (task.deployment == deployment.id) alone.tasks.push_back(task);
    ServicePlan part;
    part.deployments.push_back(deployment);
    part.deployments.front().primary = true;
    roll(alone, take_census(alone, now), now, part, budget);
    const bool primary = deployment.primary;
    deployment = part.deployments.front();
    deployment.primary = primary;
    for (auto& start : part.starts) plan.starts.push_back(std::move(start));
    for (auto& stop : part.stops) plan.stops.push_back(std::move(stop));
    for (auto& event : part.events) plan.events.push_back(std::move(event));
    earlier(plan.real_again, part.real_again);
    earlier(plan.policy_again, part.policy_again);
    return budget - static_cast<int>(part.starts.size() + 2 * part.stops.size());
}

// Blue, green and what is left of others, each by itself.
void keep_apart(const Service& service, const Census& census, const Now& now, ServicePlan& plan, int budget) {
    if (primary_of(plan)->rollout == Rollout::in_progress) plan_course(service, census, now, plan);
    for (auto& deployment : plan.deployments) {
        const auto desired = wanted_tasks(service, *plan.course, deployment.id);
        if (desired && budget > 0) budget = keep(service, deployment, *desired, now, plan, budget);
    }
}

}  // namespace

ServicePlan plan_service(const Service& service, const Now& now) {
    ServicePlan plan;
    int budget = service.changes_max;
    const auto census = look_at_tasks(service, now, plan, budget);
    if (budget == 0) return plan;
    break_circuit(service, now, plan);
    const auto* primary = primary_of(plan);
    const bool apart = plan.course && !service.deleted && primary != nullptr && primary->rollout != Rollout::completed;
    if (apart)
        keep_apart(service, census, now, plan, budget);
    else
        roll(service, census, now, plan, budget);
    count_desired(service, census, plan);
    end_deployments(service, census, plan);
    tell_steady(service, census, plan);
    tell_unplaced(service, census, plan);
    plan.deleted = service.deleted && census.all.size() == 0 && census.all.leaving == 0 && plan.stops.empty();
    return plan;
}

ServicePlan plan_task_set(const Service& set, const Now& now) {
    ServicePlan plan;
    int budget = set.changes_max;
    const auto census = look_at_tasks(set, now, plan, budget);
    if (budget == 0) return plan;
    roll(set, census, now, plan, budget);
    const bool steady = stable(set, census, plan);
    if (steady && !plan.told.steady) plan.events.push_back(words::task_set_steady());
    plan.told.steady = steady;
    tell_unplaced(set, census, plan);
    plan.deleted = set.deleted && census.all.size() == 0 && census.all.leaving == 0 && plan.stops.empty();
    return plan;
}

}  // namespace gantry::ecs::scheduler
