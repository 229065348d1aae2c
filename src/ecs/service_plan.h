#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ecs/service_state.h"

// ECS's service scheduler as a function: what to do next for a service, and why. It mirrors what AWS
// documents of rolling updates, replacement of unhealthy tasks, scale-in, the deployment circuit breaker,
// start throttling and Availability Zone rebalancing.
namespace gantry::ecs::scheduler {

struct Start {
    std::string deployment;
    std::string zone;      // empty: anywhere
    std::string provider;  // empty: launch type
    int wave = 0;
    bool rebalancing = false;
};

struct Stop {
    std::string task;
    std::string reason;  // ECS's stoppedReason; the stopCode is ServiceSchedulerInitiated
    std::string event;   // what the service's history says of it before it says that it is stopped; or empty
    // It hangs: load balancers do not wait for its open connections.
    bool hung = false;
    bool rebalancing = false;
    std::string zone;
};

struct ServicePlan {
    std::vector<Start> starts;
    std::vector<Stop> stops;
    // Without "(service X) ", in order. Starts and stops are told by whoever carries them out.
    std::vector<std::string> events;
    std::vector<std::string> served;  // tasks that pass all their checks for the first time
    std::vector<std::string> noted;   // ended tasks that were counted
    // All deployments that remain, as they shall be.
    std::vector<Deployment> deployments;
    // How far the deployment is, of strategies other than ROLLING.
    std::optional<Course> course;
    // A rollback to the last revision that was completed: this deployment is primary now.
    std::optional<std::string> rolled_back_to;
    Told told;
    bool deleted = false;  // INACTIVE now: nothing is left
    std::optional<PolicyInstant> policy_again;
    std::optional<RealInstant> real_again;

    // Nothing is to be written.
    bool idle(const Service& service) const;
};

// Deterministic. A state that is as it is wanted to be gives an idle plan; applying plans to a world in which
// tasks come up healthy reaches such a state. In every plan:
//   - tasks that are wanted never exceed floor(maximumPercent of desired) by a start;
//   - tasks that serve never fall below ceil(minimumHealthyPercent of desired) by a stop.
// Of a service with a course that holds for blue and for green by themselves, of 100 and 200 percent.
ServicePlan plan_service(const Service& service, const Now& now);

// The same for one task set of a service whose deployment controller is CODE_DEPLOY or EXTERNAL. Its tasks,
// its share of the desired count and what is told of it stand in `set`, and it itself as the only deployment:
// PRIMARY and completed, for nothing is rolled out. `deleted` says that it is DRAINING. No circuit breaker, no
// roll back; ServicePlan::told.steady is its stabilityStatus STEADY_STATE.
ServicePlan plan_task_set(const Service& set, const Now& now);

// minimumHealthyPercent rounds up, maximumPercent down, as AWS documents.
int least_healthy(const Service& service);
int most_tasks(const Service& service);

// Of the deployment circuit breaker: half of the desired count, at least 3, at most 200.
int failure_threshold(int desired);
// How long the n-th setback in a row makes a deployment wait.
Duration backoff(int setbacks);

}  // namespace gantry::ecs::scheduler
