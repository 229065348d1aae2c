#pragma once

#include <boost/describe/class.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "ecs/service_course.h"

// What the service scheduler knows when it decides, free of records: the controller fills it in.
namespace gantry::ecs::scheduler {

// What its health checks (essential containers' and target groups') say of a task together.
//   unchecked: there are none. waiting: at least one has not said yet, none says unhealthy.
enum class Health { unchecked, waiting, healthy, unhealthy };

// A task of the service that is not yet STOPPED.
struct Task {
    std::string id;
    std::string deployment;
    std::string zone;      // where it is or is meant to be
    std::string provider;  // capacity provider; empty with a launch type
    bool placed = true;    // a worker has it
    bool running = false;  // lastStatus RUNNING
    bool stopping = false;
    // Its worker went away and it was told to stop: nobody waits for it.
    bool out_of_reach = false;
    bool is_protected = false;
    std::optional<PolicyInstant> protected_until;
    PolicyInstant created_at;
    std::optional<RealInstant> running_since;
    Health health = Health::unchecked;
    std::string unhealthy_reason;  // ECS's stoppedReason for it
    std::string unhealthy_event;   // what the service's history says of it, without "(service X) "
    // It once ran and passed its checks: whatever happens to it now is no failure to start.
    bool served = false;
    int wave = 0;  // Deployment::wave when it was started
};

// A task that stopped by itself, told of once.
struct EndedTask {
    std::string id;
    std::string deployment;
    bool failed_to_start = false;  // it never served, and neither a user nor a lost host is to blame
    int wave = 0;
};

enum class Rollout { in_progress, completed, failed };

struct Deployment {
    std::string id;  // without "ecs-svc/"
    bool primary = false;
    Rollout rollout = Rollout::in_progress;
    std::string reason;  // rolloutStateReason
    // It was COMPLETED once, so the service may be rolled back to it.
    bool proven = false;
    int failed_tasks = 0;  // in a row
    int desired = 0;       // as DescribeServices shows it
    // Starts that fail come in waves: a failure of the newest wave begins the next one, later each time.
    int wave = 0;
    int setbacks = 0;  // waves in a row that failed
    std::optional<RealInstant> start_again_at;

    // Another deployment may fall back on it.
    bool sound() const { return proven && rollout != Rollout::failed; }
    friend bool operator==(const Deployment&, const Deployment&) = default;
};

struct Provider {
    std::string name;
    int base = 0;
    int weight = 0;
};

// Where a deployment's tasks may go.
struct Placement {
    std::vector<std::string> zones;   // of its subnets that have free addresses, in the order of filling
    std::vector<Provider> providers;  // empty with a launch type
};

// What the scheduler has said and must not say again.
struct Told {
    bool steady = false;
    bool unplaced = false;
    bool blocked = false;
    bool unbalanced = false;

    friend bool operator==(const Told&, const Told&) = default;
};
BOOST_DESCRIBE_STRUCT(Told, (), (steady, unplaced, blocked, unbalanced))

// Waits that AWS documents. Real time.
inline constexpr Duration kSettles = std::chrono::seconds(40);  // a running task without any health check
inline constexpr Duration kBackoffMost = std::chrono::minutes(27);

struct Service {
    std::string name;
    bool deleted = false;  // DRAINING
    int desired = 0;
    int minimum_percent = 100;  // minimumHealthyPercent
    int maximum_percent = 200;
    bool breaks_circuit = false;
    bool rolls_back = false;
    Duration grace{0};  // healthCheckGracePeriodSeconds
    bool rebalances = false;
    // A user asked to end the deployment that goes on: back to the last completed one, or to leave it as it
    // is.
    bool rollback_requested = false;
    bool stop_requested = false;

    // Of its deployment's alarms, those that are in ALARM.
    std::vector<std::string> alarms;
    bool alarms_roll_back = false;
    // Absent: its tasks are replaced by a rolling update.
    std::optional<Course> course;
    Strategy strategy;
    Traffic traffic;

    std::vector<Deployment> deployments;          // newest first
    std::map<std::string, Placement> placements;  // by deployment
    std::vector<Task> tasks;                      // in the order of their ids
    std::vector<EndedTask> ended;
    Told told;
    // No worker will ever have room for an unplaced task unless something stops.
    bool no_room = false;
    // How many changes (starts, stops, notes) one step may make.
    int changes_max = 40;
};

struct Now {
    PolicyInstant policy;
    RealInstant real;
};

}  // namespace gantry::ecs::scheduler
