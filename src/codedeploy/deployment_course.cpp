#include "codedeploy/deployment_course.h"

#include <algorithm>

#include "cloudwatch/alarm.h"
#include "codedeploy/deployment_walk.h"
#include "codedeploy/hook.h"
#include "ecs/function_task.h"
#include "elbv2/target_group.h"

namespace gantry::codedeploy {

namespace {

using std::chrono::minutes;

constexpr const char* kBalancer = "ELASTIC_LOAD_BALANCING_INVALID";

}  // namespace

void advance(
    const state::View& view, const state::Turn& turn, const DeploymentRecord& deployment, state::Plan& plan
) {
    Walk(view, turn, deployment, plan).go();
}

std::string Walk::group_arn(const std::string& key) const {
    const auto group = view_.get<elbv2::TargetGroupRecord>(key);
    return group ? group->arn() : std::string();
}

std::string Walk::group_name(const std::string& key) const {
    const auto group = view_.get<elbv2::TargetGroupRecord>(key);
    return group ? group->name : std::string();
}

GroupPair Walk::pair() const { return {group_arn(deployment_.blue_group), group_arn(deployment_.green_group)}; }

LifecycleEvent* Walk::current() {
    for (auto& event : deployment_.events) {
        if (event.status != EventStatus::Succeeded && event.status != EventStatus::Skipped) return &event;
    }
    return nullptr;
}

void Walk::go() {
    if (world_is_there()) {
        if (deployment_.status == DeploymentStatus::Created) {
            deployment_.status = DeploymentStatus::InProgress;
            deployment_.started_at = turn_.now;
            note("the deployment begins");
        }
        if (deployment_.stop_requested) {
            end(DeploymentStatus::Stopped, "MANUAL_STOP", "The deployment was stopped by a user.",
                deployment_.stop_rolls_back);
        } else if (deployment_.rollback()) {
            go_back();
        } else if (listener_is_ours() && stopped_by_alarm() != Outcome::over) {
            go_forward();
        }
    }
    if (!changed_) return;
    deployment_.updated_at = turn_.now;
    plan_.put(deployment_, why_);
}

bool Walk::world_is_there() {
    const auto gone = [&](const char* code, std::string message) {
        end(DeploymentStatus::Failed, code, std::move(message), false);
        return false;
    };
    if (!view_.find_one<ApplicationById>(deployment_.scope + deployment_.application)) {
        return gone("APPLICATION_MISSING", "The application " + deployment_.application_name + " was deleted.");
    }
    if (!view_.get<DeploymentGroupRecord>(deployment_.group_key())) {
        return gone("DEPLOYMENT_GROUP_MISSING", "The deployment group " + deployment_.group_name + " was deleted.");
    }
    service_ = view_.get<ecs::ServiceRecord>(deployment_.service);
    if (!service_ || service_->status != ecs::ServiceStatus::ACTIVE) {
        return gone(
            "INVALID_ECS_SERVICE",
            "The ECS service " + deployment_.service.substr(deployment_.scope.size()) + " was deleted."
        );
    }
    for (const auto& key : deployment_.routes.groups) {
        if (view_.get<elbv2::TargetGroupRecord>(key)) continue;
        return gone(kBalancer, "A target group of the deployment group " + deployment_.group_name + " was deleted.");
    }
    if (!listener(deployment_.routes.prod_listener)) {
        return gone(
            kBalancer, "The production listener of the deployment group " + deployment_.group_name + " was deleted."
        );
    }
    return true;
}

// From Install on the production listener is this deployment's until blue goes.
bool Walk::listener_is_ours() {
    if (!deployment_.green_weight || deployment_.terminating) return true;
    const int green = *deployment_.green_weight;
    const auto prod = listener(deployment_.routes.prod_listener);
    if (split_of(*prod, pair()) == Split{100 - green, green}) return true;
    fail(
        kBalancer, "The ELB could not be updated due to the following error: the listener " + prod->arn() +
                       " was changed during the deployment; it no longer forwards " + std::to_string(green) +
                       " percent to the target group " + group_name(deployment_.green_group) + "."
    );
    return false;
}

Walk::Outcome Walk::stopped_by_alarm() {
    if (!deployment_.alarms.enabled.value_or(false)) return Outcome::done;
    std::string active;
    for (const auto& alarm : *deployment_.alarms.alarms) {
        const auto found =
            view_.get<cloudwatch::AlarmRecord>(cloudwatch::AlarmRecord::key(deployment_.scope, *alarm.name));
        if (found && found->state == cloudwatch::AlarmState::ALARM)
            active += (active.empty() ? "" : ", ") + *alarm.name;
    }
    if (active.empty()) return Outcome::done;
    return end(
        DeploymentStatus::Stopped, "ALARM_ACTIVE",
        "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and "
        "the affected deployments have been stopped. Activated alarms: <" +
            active + ">",
        rolls_back_on("DEPLOYMENT_STOP_ON_ALARM")
    );
}

void Walk::go_forward() {
    while (auto* event = current()) {
        if (event->status == EventStatus::Failed) {
            fail(
                "HOOK_EXECUTION_FAILURE",
                "The deployment failed because one or more of the lifecycle event validation functions failed."
            );
            return;
        }
        if (event->status == EventStatus::Pending) {
            if (event->name == "BeforeAllowTraffic" && await_ready() != Outcome::done) return;
            event->status = EventStatus::InProgress;
            event->started_at = turn_.now;
            note("a lifecycle event begins");
        }
        switch (work(*event)) {
            case Outcome::over:
                return;
            case Outcome::waiting:
                // A hook's end is told by its event.
                if (event->status == EventStatus::Failed) continue;
                return;
            case Outcome::done:
                break;
        }
        if (event->status == EventStatus::InProgress) {
            event->status = EventStatus::Succeeded;
            event->ended_at = turn_.now;
        }
        note("a lifecycle event is over");
        if (effect_) return;
    }
    finish_blue();
}

Walk::Outcome Walk::work(LifecycleEvent& event) {
    if (event.name == "Install") return install();
    if (event.name == "AllowTestTraffic") return allow_test_traffic();
    if (event.name == "AllowTraffic") return allow_traffic();
    return run_hook(event);
}

Walk::Outcome Walk::run_hook(LifecycleEvent& event) {
    if (event.hook.empty()) return Outcome::done;
    if (event.task.empty()) {
        const auto primary = ecs::primary_task_set(view_, *service_);
        const auto like = primary ? ecs::revision_of(view_, *primary) : nullptr;
        if (!like) return fail("INVALID_ECS_SERVICE", "The ECS service has no primary task set.");
        const auto started = start_hook(view_, turn_, deployment_, *service_, *like, event, plan_);
        if (!started) {
            event.status = EventStatus::Failed;
            event.ended_at = turn_.now;
            event.error_code = "ScriptMissing";
            event.message = started.error().message;
        }
        effect_ = started.has_value();
        note("a hook starts");
        plan_.look_again(turn_.now + kHookTimeOut);
        return Outcome::waiting;
    }
    judge_hook(view_, turn_, event);
    if (event.ended()) {
        note("a hook is over");
        return event.status == EventStatus::Succeeded ? Outcome::done : Outcome::waiting;
    }
    const PolicyInstant until = *event.started_at + kHookTimeOut;
    if (turn_.now < until) {
        plan_.look_again(until);
        return Outcome::waiting;
    }
    event.status = EventStatus::Failed;
    event.ended_at = turn_.now;
    event.error_code = "ScriptTimedOut";
    event.message = "The hook gave no status within an hour.";
    ecs::end_function(view_, turn_, event.task, "The deployment's hook timed out.", plan_);
    return fail(
        "TIMEOUT",
        "The deployment timed out while waiting for a status callback. CodeDeploy expects a status callback "
        "within one hour after a deployment hook is invoked."
    );
}

Walk::Outcome Walk::allow_test_traffic() {
    if (deployment_.test_moved) return Outcome::done;
    const auto test = listener(deployment_.routes.test_listener);
    if (!test || !split_of(*test, pair())) {
        return fail(
            kBalancer, "The ELB could not be updated due to the following error: Primary taskset target group must "
                       "be behind listener " +
                           (test ? test->arn() : deployment_.routes.test_listener)
        );
    }
    put(with_split(*test, pair(), {0, 100}), "the test listener shows the replacement task set");
    deployment_.test_moved = true;
    note("test traffic goes to the replacement task set");
    return Outcome::done;
}

Walk::Outcome Walk::await_ready() {
    const auto& option = *deployment_.blue_green.deployment_ready_option;
    const int wait = *option.wait_time_in_minutes;
    const auto proceed = [&] {
        if (deployment_.status == DeploymentStatus::Ready) {
            deployment_.status = DeploymentStatus::InProgress;
            note("the deployment goes on");
        }
        return Outcome::done;
    };
    if (wait == 0 || deployment_.continue_ready) return proceed();
    if (!deployment_.ready_until) {
        deployment_.ready_until = turn_.now + minutes(wait);
        deployment_.status = DeploymentStatus::Ready;
        note("the deployment waits to be continued");
    }
    if (turn_.now < *deployment_.ready_until) {
        plan_.look_again(*deployment_.ready_until);
        return Outcome::waiting;
    }
    if (*option.action_on_timeout == "CONTINUE_DEPLOYMENT") return proceed();
    return end(
        DeploymentStatus::Stopped, "TIMEOUT",
        "The deployment timed out while waiting for a notification to continue. This time out period is " +
            std::to_string(wait) + " minutes.",
        rolls_back_on("DEPLOYMENT_FAILURE") || rolls_back_on("DEPLOYMENT_STOP_ON_REQUEST")
    );
}

Walk::Outcome Walk::allow_traffic() {
    const auto green = ecs::task_set_of(view_, *service_, deployment_.green_set);
    if (!green || green->status == ecs::TaskSetStatus::DRAINING)
        return fail("ECS_UPDATE_ERROR", "The replacement task set was deleted.");
    const auto& shift = deployment_.shift;
    const int before = *deployment_.green_weight;
    PolicyInstant at = turn_.now;
    if (before > 0) {
        at = *deployment_.weight_at + minutes(shift.interval_minutes);
        if (turn_.now < at) {
            plan_.look_again(at);
            return Outcome::waiting;
        }
    }
    const bool last = shift.canary && before > 0;
    const int weight = last ? 100 : std::min(100, before + shift.percent);
    const auto prod = listener(deployment_.routes.prod_listener);
    put(with_split(*prod, pair(), {100 - weight, weight}), "production traffic moves");
    deployment_.green_weight = weight;
    deployment_.weight_at = at;
    note("production traffic moves");
    if (weight < 100) {
        plan_.look_again(at + minutes(shift.interval_minutes));
        return Outcome::waiting;
    }
    ecs::make_primary(view_, turn_, *service_, *green, plan_);
    deployment_.primary_moved = true;
    return Outcome::done;
}

void Walk::finish_blue() {
    const auto& option = *deployment_.blue_green.terminate_blue_instances_on_deployment_success;
    if (*option.action == "KEEP_ALIVE") return succeed();
    if (!deployment_.terminate_after) {
        deployment_.terminate_after = turn_.now + minutes(*option.termination_wait_time_in_minutes);
        note("the original task set waits for its end");
    }
    if (!deployment_.terminating && turn_.now < *deployment_.terminate_after && !deployment_.continue_termination)
        return plan_.look_again(*deployment_.terminate_after);
    const auto blue = ecs::task_set_of(view_, *service_, deployment_.blue_set);
    if (!deployment_.terminating) {
        if (blue && blue->status == ecs::TaskSetStatus::ACTIVE) ecs::drain_task_set(*blue, turn_, plan_);
        deployment_.terminating = true;
        return note("the original task set is terminated");
    }
    if (blue) return;
    leave_only(deployment_.green_group);
    succeed();
}

}  // namespace gantry::codedeploy
