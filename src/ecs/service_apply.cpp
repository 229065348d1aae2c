#include "ecs/service_apply.h"

#include <algorithm>
#include <map>

#include "ecs/event.h"
#include "ecs/service_event.h"
#include "ecs/service_progress.h"
#include "ecs/service_task.h"
#include "ecs/service_traffic.h"
#include "ecs/service_words.h"
#include "ecs/task_lifecycle.h"

namespace gantry::ecs {

namespace {

class Apply {
  public:
    Apply(
        const state::View& view,
        const state::Turn& turn,
        const ServiceSnapshot& snapshot,
        const scheduler::Service& before,
        const scheduler::ServicePlan& decided,
        state::Plan& plan,
        std::string task_set = {}
    )
        : view_(view),
          turn_(turn),
          snapshot_(snapshot),
          before_(before),
          decided_(decided),
          plan_(plan),
          service_(*snapshot.service),
          task_set_(std::move(task_set)) {}

    void carry_out() {
        start();
        change_tasks();
        tell();
        change_deployments();
        finish();
    }

    void carry_out(const TaskSetRecord& set) {
        if (set.computed_desired != before_.desired)
            tell(words::told(service_.name, words::computed_desired_count(set.id, before_.desired)));
        start();
        change_tasks();
        tell();
        change_task_set(set);
        if (service_.last_event != snapshot_.service->last_event)
            plan_.put(std::move(service_), "its events are counted");
    }

  private:
    void start() {
        std::map<std::string, std::vector<std::string>> moved;  // by zone
        for (const auto& start : decided_.starts) {
            const auto revision = view_.get<ServiceRevisionRecord>(
                ServiceRevisionRecord::key(service_.parts(), start.deployment)
            );
            if (!revision) continue;
            auto task = service_task(view_, service_, *revision, turn_);
            if (!task) continue;
            task->availability_zone = start.zone;
            task->capacity_provider = start.provider;
            task->wave = start.wave;
            (start.rebalancing ? moved[start.zone] : started_).push_back(task->id);
            note_change(view_, turn_, *task, plan_);
            plan_.put(*std::move(task), "the service has too few tasks");
        }
        for (const auto& [zone, ids] : moved) events_.push_back(words::started_to_rebalance(ids, zone));
    }

    void change_tasks() {
        std::map<std::string, TaskRecord> changed;
        const auto edit = [&](const std::string& id) -> TaskRecord* {
            if (const auto known = changed.find(id); known != changed.end()) return &known->second;
            for (const auto* tasks : {&snapshot_.tasks, &snapshot_.uncounted}) {
                for (const auto& task : *tasks)
                    if (task->id == id) return &changed.emplace(id, *task).first->second;
            }
            return nullptr;
        };
        for (const auto& id : decided_.served)
            if (auto* task = edit(id)) task->served = true;
        for (const auto& id : decided_.noted)
            if (auto* task = edit(id)) task->counted = true;
        std::map<std::string, std::vector<std::string>> moved;
        for (const auto& stop : decided_.stops) {
            auto* task = edit(stop.task);
            if (task == nullptr) continue;
            want_stopped(*task, "ServiceSchedulerInitiated", stop.reason, turn_.now);
            task->hung = stop.hung;
            task->counted = true;
            note_change(view_, turn_, *task, plan_);
            if (!stop.event.empty()) causes_.push_back(stop.event);
            // One that has targets is told of when they have let go of it.
            if (stop.rebalancing)
                moved[stop.zone].push_back(task->id);
            else if (task->target_groups.empty())
                stopped_.push_back(task->id);
        }
        for (auto& [id, task] : changed) plan_.put(std::move(task), "the service's scheduler says so");
        for (const auto& [zone, ids] : moved) events_.push_back(words::stopped_to_rebalance(ids, zone));
    }

    void tell() {
        events_.insert(events_.begin(), causes_.begin(), causes_.end());
        if (!started_.empty()) events_.push_back(words::started(started_));
        if (!stopped_.empty()) events_.push_back(words::stopped(stopped_));
        events_.insert(events_.end(), decided_.events.begin(), decided_.events.end());
        for (const auto& event : events_) tell(words::told(service_.name, task_set_, event));
    }
    void tell(std::string message) { note_event(view_, service_, turn_, std::move(message), plan_); }

    void change_task_set(const TaskSetRecord& set) {
        if (decided_.deleted) {
            plan_.erase<TaskSetRecord>(set.key(), "the task set has no task left");
            // A deleted service is shown as its PRIMARY was, while it is shown.
            if (set.id != service_.primary)
                plan_.erase<ServiceRevisionRecord>(set.key(), "the task set has no task left");
            return;
        }
        TaskSetRecord after = set;
        if (set.computed_desired != before_.desired) {
            after.computed_desired = before_.desired;
            after.updated_at = turn_.now;
        }
        const auto& deployment = decided_.deployments.front();
        after.wave = deployment.wave;
        after.failed_launches = deployment.setbacks;
        after.launch_again_at = deployment.start_again_at;
        after.told = decided_.told;
        after.stability = decided_.told.steady ? Stability::STEADY_STATE : Stability::STABILIZING;
        if (after.stability != set.stability) after.stability_at = turn_.now;
        if (!same(after, set)) plan_.put(std::move(after), "the task set goes on");
    }

    static bool same(const TaskSetRecord& a, const TaskSetRecord& b) {
        const auto facts = [](const TaskSetRecord& set) {
            return std::tie(
                set.computed_desired, set.wave, set.failed_launches, set.launch_again_at, set.told,
                set.stability
            );
        };
        return facts(a) == facts(b);
    }

    void change_deployments() {
        for (const auto& known : snapshot_.deployments) {
            const auto after = std::find_if(
                decided_.deployments.begin(), decided_.deployments.end(),
                [&](const auto& deployment) { return deployment.id == known->id; }
            );
            if (after == decided_.deployments.end() || decided_.deleted) {
                plan_.erase<DeploymentRecord>(known->key(), "the deployment has no task left");
                continue;
            }
            const auto was = std::find_if(
                before_.deployments.begin(), before_.deployments.end(),
                [&](const auto& deployment) { return deployment.id == known->id; }
            );
            if (*was == *after) continue;
            DeploymentRecord record = *known;
            record.status = after->primary ? DeploymentStatus::PRIMARY : DeploymentStatus::ACTIVE;
            record.rollout_state = static_cast<RolloutState>(after->rollout);
            record.rollout_state_reason = after->reason;
            record.proven = after->proven;
            record.failed_tasks = after->failed_tasks;
            record.desired_count = after->desired;
            record.wave = after->wave;
            record.failed_launches = after->setbacks;
            record.launch_again_at = after->start_again_at;
            record.updated_at = turn_.now;
            if (record.rollout_state != known->rollout_state) {
                if (auto event = deployment_change(view_, turn_, service_, record))
                    plan_.put(*std::move(event), "the deployment's rollout state changed");
            }
            plan_.put(std::move(record), "the deployment goes on");
        }
        if (decided_.rolled_back_to) service_.primary = *decided_.rolled_back_to;
        move_service_deployment(view_, turn_, service_, before_, decided_, plan_);
        const bool goes_on = std::any_of(
            decided_.deployments.begin(), decided_.deployments.end(),
            [](const auto& deployment) {
                return deployment.primary && deployment.rollout == scheduler::Rollout::in_progress;
            }
        );
        if (decided_.course && goes_on && !decided_.deleted && service_.status == ServiceStatus::ACTIVE)
            shift_traffic(view_, service_, *decided_.course, plan_);
    }

    void finish() {
        service_.told = decided_.told;
        if (decided_.deleted) {
            service_.status = ServiceStatus::INACTIVE;
            service_.status_at = turn_.now;
        }
        const auto& was = *snapshot_.service;
        if (service_.told == was.told && service_.primary == was.primary && service_.status == was.status &&
            service_.last_event == was.last_event) {
            return;
        }
        plan_.put(std::move(service_), "the service's scheduler says so");
    }

    const state::View& view_;
    const state::Turn& turn_;
    const ServiceSnapshot& snapshot_;
    const scheduler::Service& before_;
    const scheduler::ServicePlan& decided_;
    state::Plan& plan_;
    ServiceRecord service_;
    const std::string task_set_;  // whose events they are; empty: the service's own
    std::vector<std::string> causes_, started_, stopped_, events_;
};

}  // namespace

void apply_service_plan(
    const state::View& view,
    const state::Turn& turn,
    const ServiceSnapshot& snapshot,
    const scheduler::Service& before,
    const scheduler::ServicePlan& decided,
    state::Plan& plan
) {
    Apply(view, turn, snapshot, before, decided, plan).carry_out();
}

void apply_task_set_plan(
    const state::View& view,
    const state::Turn& turn,
    const ServiceSnapshot& snapshot,
    const TaskSetRecord& set,
    const scheduler::Service& before,
    const scheduler::ServicePlan& decided,
    state::Plan& plan
) {
    Apply(view, turn, snapshot, before, decided, plan, set.id).carry_out(set);
}

}  // namespace gantry::ecs
