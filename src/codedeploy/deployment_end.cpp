#include <algorithm>

#include "codedeploy/deployment_walk.h"
#include "codedeploy/show_target.h"

namespace gantry::codedeploy {

bool Walk::rolls_back_on(const char* event) const {
    const auto& config = deployment_.auto_rollback;
    return config.enabled.value_or(false) && config.events &&
           std::find(config.events->begin(), config.events->end(), event) != config.events->end();
}

void Walk::leave_group(const std::string& next, bool succeeded) {
    const auto found = view_.get<DeploymentGroupRecord>(deployment_.group_key());
    if (!found || found->active != deployment_.id) return;
    DeploymentGroupRecord group = *found;
    group.active = next;
    if (!next.empty()) group.last_attempted = next;
    // What a rollback came back to without a name (the service's first tasks) is no revision to show.
    if (succeeded && !deployment_.revision_sha256.empty()) group.last_successful = deployment_.id;
    plan_.put(std::move(group), next.empty() ? "its deployment is over" : "its deployment is rolled back");
}

// A network balancer's listeners have one target group between deployments. Someone else may have changed them.
void Walk::leave_only(const std::string& group) {
    if (deployment_.routes.application) return;
    const Split all = group == deployment_.green_group ? Split{0, 100} : Split{100, 0};
    for (const auto& key : {deployment_.routes.prod_listener, deployment_.routes.test_listener}) {
        const auto found = key.empty() ? nullptr : listener(key);
        if (!found || split_of(*found, pair()) != all) continue;
        put(with_only(*found, pair(), group_arn(group)), "the deployment is over");
    }
}

void Walk::succeed() {
    deployment_.task_sets = task_sets_info(view_, deployment_);
    deployment_.status = DeploymentStatus::Succeeded;
    deployment_.completed_at = turn_.now;
    leave_group("", true);
    note("the deployment succeeded");
}

Walk::Outcome Walk::fail(std::string code, std::string message) {
    return end(
        DeploymentStatus::Failed, std::move(code), std::move(message), rolls_back_on("DEPLOYMENT_FAILURE")
    );
}

Walk::Outcome Walk::end(DeploymentStatus status, std::string code, std::string message, bool roll_back) {
    for (auto& event : deployment_.events) {
        if (event.status == EventStatus::Pending) event.status = EventStatus::Skipped;
        if (event.status != EventStatus::InProgress) continue;
        event.status = status == DeploymentStatus::Failed ? EventStatus::Failed : EventStatus::Skipped;
        event.ended_at = turn_.now;
        if (status == DeploymentStatus::Failed) event.message = message;
    }
    deployment_.status = status;
    deployment_.completed_at = turn_.now;
    deployment_.error_code = std::move(code);
    deployment_.error_message = std::move(message);
    deployment_.task_sets = task_sets_info(view_, deployment_);
    if (roll_back && deployment_.terminating) {
        deployment_.rollback_message =
            "The original task set was being terminated already: there is nothing to roll back to.";
        roll_back = false;
    }
    if (roll_back && !deployment_.rollback()) {
        make_rollback();
    } else {
        leave_group("", false);
    }
    note("the deployment is over");
    return Outcome::over;
}

void Walk::make_rollback() {
    DeploymentRecord back = deployment_;
    back.id = fresh_deployment_id(turn_.chance);
    back.creator = "codeDeployRollback";
    back.description = "Rollback of " + deployment_.id;
    back.created_at = turn_.now;
    back.updated_at = turn_.now;
    back.revision_type = deployment_.previous_type;
    back.revision_sha256 = deployment_.previous_sha256;
    back.previous_type = deployment_.revision_type;
    back.previous_sha256 = deployment_.revision_sha256;
    back.override_alarms.reset();
    back.stop_requested = back.stop_rolls_back = false;
    back.continue_ready = back.continue_termination = false;
    back.status = DeploymentStatus::Created;
    back.started_at.reset();
    back.completed_at.reset();
    back.error_code.clear();
    back.error_message.clear();
    back.ready_until.reset();
    back.terminate_after.reset();
    back.task_sets.clear();
    back.rollback_of = deployment_.id;
    back.rollback_message.clear();
    // Its one act is that traffic returns; no hook runs.
    back.events.clear();
    for (const char* name : {"BeforeInstall", "Install", "AfterInstall", "BeforeAllowTraffic", "AllowTraffic",
                             "AfterAllowTraffic"}) {
        auto& event = back.events.emplace_back();
        event.name = name;
        if (event.name != "AllowTraffic") event.status = EventStatus::Skipped;
    }
    deployment_.rollback_id = back.id;
    deployment_.rollback_message =
        "Deployment " + deployment_.id + " is rolled back by deployment " + back.id + ".";
    leave_group(back.id, false);
    plan_.put(std::move(back), "the deployment is rolled back");
}

void Walk::go_back() {
    if (auto* event = current()) {
        event->started_at = turn_.now;
        if (!return_traffic()) return;
        event->status = EventStatus::Succeeded;
        event->ended_at = turn_.now;
        note("traffic is with the original task set");
        if (effect_) return;
    }
    const auto green =
        deployment_.green_set.empty() ? nullptr : ecs::task_set_of(view_, *service_, deployment_.green_set);
    if (green) {
        if (green->status == ecs::TaskSetStatus::ACTIVE) ecs::drain_task_set(*green, turn_, plan_);
        return;
    }
    if (deployment_.green_weight) leave_only(deployment_.blue_group);
    succeed();
}

bool Walk::return_traffic() {
    // It ended before it touched anything.
    if (!deployment_.green_weight) return true;
    const auto blue = ecs::task_set_of(view_, *service_, deployment_.blue_set);
    if (!blue || blue->status == ecs::TaskSetStatus::DRAINING) {
        fail("ECS_UPDATE_ERROR", "The original task set was deleted: there is nothing to roll back to.");
        return false;
    }
    const auto prod = listener(deployment_.routes.prod_listener);
    const auto split = split_of(*prod, pair());
    if (!split) {
        fail(
            "ELASTIC_LOAD_BALANCING_INVALID",
            "The ELB could not be updated due to the following error: the listener " + prod->arn() +
                " forwards to neither target group of the deployment group."
        );
        return false;
    }
    // Green's group stays named, also where someone else took it out: only what is named is drained.
    auto returned = with_split(*prod, pair(), {100, 0});
    if (encode_text(returned) != encode_text(*prod)) put(std::move(returned), "production traffic returns");
    if (const auto test = deployment_.test_moved ? listener(deployment_.routes.test_listener) : nullptr) {
        if (split_of(*test, pair())) put(with_split(*test, pair(), {100, 0}), "test traffic returns");
    }
    if (blue->status != ecs::TaskSetStatus::PRIMARY) {
        ecs::make_primary(view_, turn_, *service_, *blue, plan_);
        effect_ = true;
    }
    deployment_.green_weight = 0;
    return true;
}

}  // namespace gantry::codedeploy
