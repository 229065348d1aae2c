#include "ecs/service_words.h"

namespace gantry::ecs::words {

namespace {

std::string svc(const std::string& deployment) { return "ecs-svc/" + deployment; }

std::string list(const std::vector<std::string>& tasks) {
    std::string text;
    for (const auto& task : tasks) text += (text.empty() ? "(task " : " (task ") + task + ")";
    return text;
}

std::string count(std::size_t n) { return std::to_string(n); }

}  // namespace

std::string told(const std::string& service, const std::string& event) {
    return "(service " + service + ") " + event;
}
std::string told(const std::string& service, const std::string& task_set, const std::string& event) {
    if (task_set.empty()) return told(service, event);
    return "(service " + service + ", taskSet " + svc(task_set) + ") " + event;
}

std::string started(const std::vector<std::string>& tasks) {
    return "has started " + count(tasks.size()) + " tasks: " + list(tasks) + ".";
}
std::string stopped(const std::vector<std::string>& tasks) {
    return "has stopped " + count(tasks.size()) + " running tasks: " + list(tasks) + ".";
}
std::string registered(std::size_t targets, const std::string& group) {
    return "registered " + count(targets) + " targets in (target-group " + group + ")";
}
std::string not_registered(const std::string& group) {
    return "failed to register targets in (target-group " + group +
           ") with (error One or more target groups not found)";
}
std::string deregistered(std::size_t targets, const std::string& group) {
    return "deregistered " + count(targets) + " targets in (target-group " + group + ")";
}
std::string draining(std::size_t tasks) {
    return "has begun draining connections on " + count(tasks) + " tasks.";
}
std::string steady_state() { return "has reached a steady state."; }
std::string task_set_steady() { return "updated state to STEADY_STATE."; }
std::string computed_desired_count(const std::string& task_set, int desired) {
    return "updated computedDesiredCount for taskSet " + svc(task_set) + " to " + std::to_string(desired) +
           ".";
}
std::string deployment_completed(const std::string& deployment) {
    return "(deployment " + svc(deployment) + ") deployment completed.";
}
std::string deployment_failed(const std::string& deployment, const std::string& why) {
    return "(deployment " + svc(deployment) + ") deployment failed: " + why;
}
std::string tasks_failed_to_start() { return "tasks failed to start."; }
std::string asked_by_user() { return "stopped by user."; }
std::string alarm_detected() { return "alarm detected."; }
std::string hook_failed(const std::string& stage) { return "lifecycle hook failed at " + stage + "."; }
std::string traffic_lost() { return "traffic could not be shifted."; }
std::string rolling_back(const std::string& deployment) {
    return "rolling back to deployment " + svc(deployment) + ".";
}
std::string inconsistent_starts() { return "is unable to consistently start tasks successfully."; }
std::string unplaced() {
    return "was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later "
           "or "
           "in a different availability zone. For more information, see the Troubleshooting section of the "
           "Amazon ECS Developer Guide.";
}
std::string blocked_by_configuration() {
    return "was unable to stop or start tasks during a deployment because of the service deployment "
           "configuration. Update the minimumHealthyPercent or maximumPercent value and try again.";
}
std::string unbalanced(const std::string& spread) {
    return "is not AZ balanced with " + spread + ". AZ Rebalancing in progress.";
}
std::string balanced(const std::string& spread) { return "is AZ balanced with " + spread + "."; }
std::string started_to_rebalance(const std::vector<std::string>& tasks, const std::string& zone) {
    return "has started " + count(tasks.size()) + " tasks in " + zone + " to AZ Rebalance: " + list(tasks) +
           ".";
}
std::string stopped_to_rebalance(const std::vector<std::string>& tasks, const std::string& zone) {
    return "has stopped " + count(tasks.size()) + " running tasks in " + zone +
           " due to AZ rebalancing: " + list(tasks) + ".";
}
std::string unhealthy_target(
    const std::string& task, int port, const std::string& group, const std::string& why
) {
    return "(task " + task + ") (port " + std::to_string(port) + ") is unhealthy in (target-group " + group +
           ") due to (reason " + why + ")";
}
std::string unhealthy_containers(const std::string& task) {
    return "(task " + task + ") failed container health checks.";
}

std::string scaling_activity(const std::string& deployment) {
    return "Scaling activity initiated by (deployment " + svc(deployment) + ")";
}
std::string failed_target_checks(const std::string& group) {
    return "Task failed ELB health checks in (target-group " + group + ")";
}
std::string failed_container_checks() { return "Task failed container health checks"; }

std::string deployment_in_progress(const std::string& deployment) {
    return "ECS deployment " + svc(deployment) + " in progress.";
}
std::string deployment_done(const std::string& deployment) {
    return "ECS deployment " + svc(deployment) + " completed.";
}
std::string breaker_tripped() { return "ECS deployment circuit breaker: tasks failed to start."; }
std::string breaker_rolls_back(const std::string& deployment) {
    return "ECS deployment circuit breaker: rolling back to deploymentId " + svc(deployment) + ".";
}
std::string stopped_by_user() { return "ECS deployment stopped by user."; }
std::string alarms_went_off(const std::vector<std::string>& names) {
    std::string text = "ECS deployment failed: alarm detected (";
    for (const auto& name : names) text += (&name == &names.front() ? "" : ", ") + name;
    return text + ").";
}
std::string hook_gave_up(const std::string& stage, const std::string& why) {
    return "ECS deployment failed: lifecycle hook failed at " + stage + (why.empty() ? "." : ": " + why);
}
std::string rolls_back(const std::string& reason, const std::string& deployment) {
    return reason + " Rolling back to deploymentId " + svc(deployment) + ".";
}
std::string rolls_back_by_user(const std::string& deployment) {
    return "ECS deployment stopped by user: rolling back to deploymentId " + svc(deployment) + ".";
}

}  // namespace gantry::ecs::words
