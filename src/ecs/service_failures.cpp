#include "ecs/service_failures.h"

#include <algorithm>
#include <boost/describe.hpp>

#include "ecs/service_words.h"

namespace gantry::ecs::scheduler {

namespace {

// A short row of setbacks is no news yet.
constexpr int kSetbacksToldFrom = 3;

Deployment* find(ServicePlan& plan, const std::string& id) {
    const auto found =
        std::find_if(plan.deployments.begin(), plan.deployments.end(), [&](const auto& deployment) {
            return deployment.id == id;
        });
    return found == plan.deployments.end() ? nullptr : &*found;
}

void fall_back(Deployment& failed, Deployment& to, std::string reason, ServicePlan& plan) {
    failed.primary = false;
    to.primary = true;
    to.rollout = Rollout::in_progress;
    to.reason = std::move(reason);
    to.failed_tasks = 0;
    to.setbacks = 0;
    to.start_again_at.reset();
    plan.rolled_back_to = to.id;
    plan.events.push_back(words::rolling_back(to.id));
}

}  // namespace

Duration backoff(int setbacks) {
    if (setbacks <= 0) return Duration{0};
    // 1, 2, 4 … 1,024 seconds, then 27 minutes.
    if (setbacks > 11) return kBackoffMost;
    return std::min<Duration>(std::chrono::seconds(1 << (setbacks - 1)), kBackoffMost);
}

int failure_threshold(int desired) { return std::clamp((desired + 1) / 2, 3, 200); }

void note_ended(const Service& service, const Now& now, ServicePlan& plan, int& budget) {
    for (const auto& task : service.ended) {
        if (budget == 0) return;
        --budget;
        plan.noted.push_back(task.id);
        auto* deployment = find(plan, task.deployment);
        if (!task.failed_to_start || deployment == nullptr) continue;
        if (deployment->rollout == Rollout::in_progress) ++deployment->failed_tasks;
        if (task.wave != deployment->wave) continue;
        ++deployment->wave;
        ++deployment->setbacks;
        deployment->start_again_at = now.real + backoff(deployment->setbacks);
        if (deployment->setbacks >= kSetbacksToldFrom) plan.events.push_back(words::inconsistent_starts());
    }
}

void note_served(const Census& census, ServicePlan& plan, int& budget) {
    for (const auto& member : census.all.members) {
        if (member.stage != Stage::serving || member.task->served) continue;
        if (budget == 0) return;
        --budget;
        plan.served.push_back(member.task->id);
        if (auto* deployment = find(plan, member.task->deployment)) {
            deployment->failed_tasks = 0;
            deployment->setbacks = 0;
            deployment->start_again_at.reset();
        }
    }
}

namespace {

struct Failure {
    std::string reason;  // rolloutStateReason
    std::string event;
    bool rolls_back = false;
    std::string back_reason;  // rolloutStateReason of what it goes back to
};

std::optional<Failure> failure_of(
    const Service& service, const Deployment& primary, const Course* course, const std::string& back
) {
    if (service.rollback_requested || service.stop_requested) {
        return Failure{
            words::stopped_by_user(), words::asked_by_user(), service.rollback_requested,
            words::rolls_back_by_user(back)
        };
    }
    // With its last stage the deployment has gone too far for what follows.
    if (course != nullptr && course->stage == LifecycleStage::CLEAN_UP) return {};
    if (service.breaks_circuit && primary.failed_tasks >= failure_threshold(service.desired)) {
        return Failure{
            words::breaker_tripped(), words::tasks_failed_to_start(), service.rolls_back,
            words::breaker_rolls_back(back)
        };
    }
    const auto because = [&](std::string reason, std::string event, bool rolls_back) {
        std::string back_reason = words::rolls_back(reason, back);
        return Failure{std::move(reason), std::move(event), rolls_back, std::move(back_reason)};
    };
    if (!service.alarms.empty())
        return because(words::alarms_went_off(service.alarms), words::alarm_detected(), service.alarms_roll_back);
    if (course == nullptr) return {};
    const std::string stage = boost::describe::enum_to_string(course->stage, "");
    for (const auto& hook : course->hooks) {
        if (hook.failed()) return because(words::hook_gave_up(stage, hook.why), words::hook_failed(stage), true);
    }
    if (!service.traffic.lost.empty())
        return because("ECS deployment failed: " + service.traffic.lost, words::traffic_lost(), true);
    return {};
}

// The deployment that had the traffic before, or else the last one that was completed.
Deployment* last_good(ServicePlan& plan) {
    if (plan.course) {
        auto* blue = find(plan, plan.course->blue);
        return blue != nullptr && !blue->primary ? blue : nullptr;
    }
    const auto last = std::find_if(plan.deployments.begin(), plan.deployments.end(), [](const auto& deployment) {
        return deployment.sound() && !deployment.primary;
    });
    return last == plan.deployments.end() ? nullptr : &*last;
}

}  // namespace

void break_circuit(const Service& service, const Now& now, ServicePlan& plan) {
    const auto primary =
        std::find_if(plan.deployments.begin(), plan.deployments.end(), [](const auto& deployment) {
            return deployment.primary;
        });
    if (service.deleted || primary == plan.deployments.end() || primary->rollout != Rollout::in_progress)
        return;
    auto* course = plan.course ? &*plan.course : nullptr;
    // It goes back already.
    if (course != nullptr && course->back) return;
    auto* last = last_good(plan);
    const auto failure = failure_of(service, *primary, course, last == nullptr ? "" : last->id);
    if (!failure) return;
    primary->rollout = Rollout::failed;
    primary->reason = failure->reason;
    plan.events.push_back(words::deployment_failed(primary->id, failure->event));
    if (!failure->rolls_back || last == nullptr) return;
    fall_back(*primary, *last, failure->back_reason, plan);
    if (course != nullptr) turn_back(*course, now);
}

}  // namespace gantry::ecs::scheduler
