#include "ecs/service_failures.h"

#include <algorithm>

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

void break_circuit(const Service& service, ServicePlan& plan) {
    const auto primary =
        std::find_if(plan.deployments.begin(), plan.deployments.end(), [](const auto& deployment) {
            return deployment.primary;
        });
    if (service.deleted || primary == plan.deployments.end() || primary->rollout != Rollout::in_progress)
        return;
    const bool asked = service.rollback_requested || service.stop_requested;
    const bool broken = service.breaks_circuit && primary->failed_tasks >= failure_threshold(service.desired);
    if (!asked && !broken) return;
    primary->rollout = Rollout::failed;
    primary->reason = asked ? words::stopped_by_user() : words::breaker_tripped();
    plan.events.push_back(words::deployment_failed(primary->id, asked));
    if (asked ? !service.rollback_requested : !service.rolls_back) return;
    const auto last =
        std::find_if(plan.deployments.begin(), plan.deployments.end(), [](const auto& deployment) {
            return deployment.sound() && !deployment.primary;
        });
    if (last == plan.deployments.end()) return;
    fall_back(
        *primary, *last, asked ? words::rolls_back_by_user(last->id) : words::breaker_rolls_back(last->id),
        plan
    );
}

}  // namespace gantry::ecs::scheduler
