#include "ecs/service_progress.h"

#include <algorithm>

#include "ecs/deployment.h"
#include "ecs/lifecycle_hook.h"
#include "ecs/service_deployment.h"
#include "ecs/task_indexes.h"

namespace gantry::ecs {

using Status = ServiceDeploymentStatus;

namespace {

const scheduler::Deployment* find(
    const std::vector<scheduler::Deployment>& deployments, const std::string& id
) {
    const auto found = std::find_if(deployments.begin(), deployments.end(), [&](const auto& deployment) {
        return deployment.id == id;
    });
    return found == deployments.end() ? nullptr : &*found;
}

class Progress {
  public:
    Progress(
        const state::View& view,
        const state::Turn& turn,
        const ServiceRecord& service,
        const scheduler::Service& before,
        const scheduler::ServicePlan& decided,
        ServiceDeploymentRecord& record
    )
        : view_(view), turn_(turn), service_(service), before_(before), decided_(decided), record_(record) {}

    void move() {
        if (record_.status == Status::PENDING) {
            record_.status = Status::IN_PROGRESS;
            record_.started_at = turn_.now;
        }
        if (decided_.course) record_.course = decided_.course;
        const auto* target = find(decided_.deployments, record_.target.id);
        const auto* was = find(before_.deployments, record_.target.id);
        if (target != nullptr && record_.breaker == BreakerStatus::MONITORING)
            record_.breaker_failures = target->failed_tasks;
        const bool failed = target != nullptr && was != nullptr &&
                            target->rollout == scheduler::Rollout::failed &&
                            was->rollout != scheduler::Rollout::failed;
        if (failed)
            fail(*target);
        else if (record_.status == Status::ROLLBACK_IN_PROGRESS)
            come_back();
        else if (target != nullptr && target->rollout == scheduler::Rollout::completed)
            succeed();
    }

  private:
    void fail(const scheduler::Deployment& target) {
        const bool by_user =
            record_.status == Status::ROLLBACK_REQUESTED || record_.status == Status::STOP_REQUESTED;
        if (record_.breaker == BreakerStatus::MONITORING)
            record_.breaker = by_user ? BreakerStatus::MONITORING_COMPLETE : BreakerStatus::TRIGGERED;
        if (record_.alarms == BreakerStatus::MONITORING) {
            const bool triggered = !by_user && !before_.alarms.empty();
            record_.alarms = triggered ? BreakerStatus::TRIGGERED : BreakerStatus::MONITORING_COMPLETE;
            if (triggered) record_.triggered_alarms = before_.alarms;
        }
        if (record_.status_reason.empty()) record_.status_reason = target.reason;
        if (by_user && !record_.stopped_at) record_.stopped_at = turn_.now;
        if (!decided_.rolled_back_to) return end(Status::STOPPED);
        record_.status = Status::ROLLBACK_IN_PROGRESS;
        record_.rollback_to = *decided_.rolled_back_to;
        if (record_.rollback_reason.empty()) record_.rollback_reason = target.reason;
        if (!record_.rollback_started_at) record_.rollback_started_at = turn_.now;
    }

    void come_back() {
        const auto* back = find(decided_.deployments, record_.rollback_to);
        if (back == nullptr || back->rollout == scheduler::Rollout::failed)
            end(Status::ROLLBACK_FAILED);
        else if (back->rollout == scheduler::Rollout::completed)
            end(Status::ROLLBACK_SUCCESSFUL);
    }

    void succeed() {
        if (record_.breaker == BreakerStatus::MONITORING)
            record_.breaker = BreakerStatus::MONITORING_COMPLETE;
        if (record_.alarms == BreakerStatus::MONITORING) record_.alarms = BreakerStatus::MONITORING_COMPLETE;
        end(Status::SUCCESSFUL);
    }

    void end(Status status) {
        record_.status = status;
        record_.finished_at = turn_.now;
        for (auto& source : record_.sources) count(source);
        count(record_.target);
        record_.target.requested = service_.desired_count;
    }

    void count(RevisionSummary& summary) {
        const auto key = service_.parts() + summary.id;
        const auto of = [&](const char* what) {
            return static_cast<int>(view_.count<TasksByDeployment>(TasksByDeployment::key(key, what)));
        };
        summary.running = of("running");
        summary.pending = of("pending");
        const auto* deployment = find(decided_.deployments, summary.id);
        summary.requested = deployment == nullptr ? 0 : deployment->desired;
    }

    const state::View& view_;
    const state::Turn& turn_;
    const ServiceRecord& service_;
    const scheduler::Service& before_;
    const scheduler::ServicePlan& decided_;
    ServiceDeploymentRecord& record_;
};

}  // namespace

void move_service_deployment(
    const state::View& view,
    const state::Turn& turn,
    const ServiceRecord& service,
    const scheduler::Service& before,
    const scheduler::ServicePlan& decided,
    state::Plan& plan
) {
    const auto known = view.get<ServiceDeploymentRecord>(
        ServiceDeploymentRecord::key(service.parts(), service.last_service_deployment)
    );
    if (!known || known->ended()) return;
    ServiceDeploymentRecord record = *known;
    Progress(view, turn, service, before, decided, record).move();
    if (record.course && !record.ended()) {
        end_late_hooks(view, turn, *known->course, *record.course, plan);
        if (!record.course->hooked) begin_hooks(view, turn, service, record, plan);
    }
    if (record.status == known->status && record.breaker == known->breaker &&
        record.breaker_failures == known->breaker_failures && record.course == known->course) {
        return;
    }
    record.updated_at = turn.now;
    plan.put(std::move(record), "the service deployment goes on");
}

}  // namespace gantry::ecs
