#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/instant.h"

// The course of a service deployment of the strategies BLUE_GREEN, CANARY and LINEAR: the new service revision (green)
// starts beside the one that serves (blue), both at full count; the traffic moves; blue ends.
namespace gantry::ecs::scheduler {

enum class LifecycleStage {
    RECONCILE_SERVICE,
    PRE_SCALE_UP,
    SCALE_UP,
    POST_SCALE_UP,
    TEST_TRAFFIC_SHIFT,
    POST_TEST_TRAFFIC_SHIFT,
    PRODUCTION_TRAFFIC_SHIFT,
    POST_PRODUCTION_TRAFFIC_SHIFT,
    BAKE_TIME,
    CLEAN_UP,
};
BOOST_DESCRIBE_ENUM(
    LifecycleStage,
    RECONCILE_SERVICE,
    PRE_SCALE_UP,
    SCALE_UP,
    POST_SCALE_UP,
    TEST_TRAFFIC_SHIFT,
    POST_TEST_TRAFFIC_SHIFT,
    PRODUCTION_TRAFFIC_SHIFT,
    POST_PRODUCTION_TRAFFIC_SHIFT,
    BAKE_TIME,
    CLEAN_UP
)

enum class HookStatus { AWAITING_ACTION, IN_PROGRESS, SUCCEEDED, FAILED, TIMED_OUT };
BOOST_DESCRIBE_ENUM(HookStatus, AWAITING_ACTION, IN_PROGRESS, SUCCEEDED, FAILED, TIMED_OUT)

// A lifecycle hook of the stage that the deployment is in.
struct Hook {
    std::string id;      // as ContinueServiceDeployment names it
    std::string target;  // the function's ARN; empty: a pause
    std::string task;    // the record key of the task that runs for the function
    HookStatus status = HookStatus::IN_PROGRESS;
    std::string why;  // it failed
    PolicyInstant expires_at;
    bool rolls_back = true;  // when its time is over; else the deployment goes on

    bool over() const { return status != HookStatus::AWAITING_ACTION && status != HookStatus::IN_PROGRESS; }
    // The deployment must not go on.
    bool failed() const {
        return status == HookStatus::FAILED || (status == HookStatus::TIMED_OUT && rolls_back);
    }
    friend bool operator==(const Hook&, const Hook&) = default;
};
BOOST_DESCRIBE_STRUCT(Hook, (), (id, target, task, status, why, expires_at, rolls_back))

// All of production traffic, in the unit of Course::shifted.
inline constexpr int kWhole = 1'000;

// How far it is. It begins with its service deployment; only plan_course() moves it on, but for `hooks`, which whoever
// carries out the plan begins when `hooked` says that it is due, and which ContinueServiceDeployment answers.
struct Course {
    // Ids of deployments. Blue had the traffic when it began; empty: none, this is the service's first.
    std::string blue, green;
    LifecycleStage stage = LifecycleStage::PRE_SCALE_UP;
    std::optional<PolicyInstant> since;  // when the stage began; absent: nobody has looked yet
    // What the listeners shall send green: per mille of production. Absent: they are not touched (yet).
    std::optional<int> shifted;
    std::optional<PolicyInstant> shifted_at;
    bool tested = false;  // test traffic goes to green
    // Green is given up: traffic returns, then green goes.
    bool back = false;
    bool hooked = true;  // the stage's hooks have begun, if it has any
    std::vector<Hook> hooks;

    friend bool operator==(const Course&, const Course&) = default;
};
BOOST_DESCRIBE_STRUCT(
    Course, (), (blue, green, stage, since, shifted, shifted_at, tested, back, hooked, hooks)
)

// How the traffic moves.
struct Strategy {
    // Per mille of production, first and each time after it until it is the whole; kWhole: all at once. A canary's second
    // step is the rest.
    int step = kWhole;
    bool canary = false;
    Duration step_bake{0};  // policy time between two steps
    Duration bake{0};       // policy time between the last step and blue's end
    std::set<LifecycleStage> hooked;  // stages with hooks
};

// What of its listeners a course has to know.
struct Traffic {
    bool production = false;  // there are production rules: traffic is shifted
    bool test = false;        // and test rules
    bool in_place = true;     // they send what the course says
    std::string lost;         // why they cannot any more; empty: they can
};

struct Service;
struct Census;
struct Now;
struct ServicePlan;

// Moves plan.course on, as far as the world is ready for it. Green is given traffic only when all of its tasks serve; blue
// is stopped only when it has none and the listeners say so.
void plan_course(const Service& service, const Census& census, const Now& now, ServicePlan& plan);

// How many tasks a deployment of a service with a course shall have. Absent: those that it has, for now.
std::optional<int> wanted_tasks(const Service& service, const Course& course, const std::string& deployment);

// Its green deployment has failed: from here on it goes back.
void turn_back(Course& course, const Now& now);

}  // namespace gantry::ecs::scheduler
