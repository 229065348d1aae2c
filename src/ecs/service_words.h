#pragma once

#include <string>
#include <vector>

// The texts of ECS's service events, stop reasons and rollout reasons: people's scripts match on them. An
// event is given without its beginning, "(service NAME) ", which told() adds. Deployments are bare ids.
namespace gantry::ecs::words {

std::string told(const std::string& service, const std::string& event);
// The same of a task set: "(service NAME, taskSet ecs-svc/ID) "; without one as above.
std::string told(const std::string& service, const std::string& task_set, const std::string& event);

// ---- events
std::string started(const std::vector<std::string>& tasks);
std::string stopped(const std::vector<std::string>& tasks);
std::string registered(std::size_t targets, const std::string& target_group_arn);
std::string not_registered(const std::string& target_group_arn);
std::string deregistered(std::size_t targets, const std::string& target_group_arn);
std::string draining(std::size_t tasks);
std::string steady_state();
std::string task_set_steady();
std::string computed_desired_count(const std::string& task_set, int count);
std::string deployment_completed(const std::string& deployment);
// `why`: one of the five that follow.
std::string deployment_failed(const std::string& deployment, const std::string& why);
std::string tasks_failed_to_start();
std::string asked_by_user();
std::string alarm_detected();
std::string hook_failed(const std::string& stage);
std::string traffic_lost();
std::string rolling_back(const std::string& deployment);
std::string inconsistent_starts();
// Fargate has no room for a task.
std::string unplaced();
std::string blocked_by_configuration();
std::string unbalanced(const std::string& spread);
std::string balanced(const std::string& spread);
std::string started_to_rebalance(const std::vector<std::string>& tasks, const std::string& zone);
std::string stopped_to_rebalance(const std::vector<std::string>& tasks, const std::string& zone);
std::string unhealthy_target(
    const std::string& task, int port, const std::string& group_arn, const std::string& why
);
std::string unhealthy_containers(const std::string& task);

// ---- stoppedReason
std::string scaling_activity(const std::string& deployment);
std::string failed_target_checks(const std::string& target_group_arn);
std::string failed_container_checks();

// ---- rolloutStateReason
std::string deployment_in_progress(const std::string& deployment);
std::string deployment_done(const std::string& deployment);
std::string breaker_tripped();
std::string breaker_rolls_back(const std::string& deployment);
std::string stopped_by_user();
std::string rolls_back_by_user(const std::string& deployment);
std::string alarms_went_off(const std::vector<std::string>& names);
std::string hook_gave_up(const std::string& stage, const std::string& why);
// Of any other reason.
std::string rolls_back(const std::string& reason, const std::string& deployment);

}  // namespace gantry::ecs::words
