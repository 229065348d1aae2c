#include "ecs/service_course.h"

#include <algorithm>

#include "ecs/service_census.h"
#include "ecs/service_plan.h"

namespace gantry::ecs::scheduler {

namespace {

class Walk {
  public:
    Walk(const Service& service, const Census& census, const Now& now, ServicePlan& plan)
        : service_(service), census_(census), now_(now), plan_(plan), course_(*plan.course) {}

    void go() {
        if (!course_.since) enter(course_.stage);
        course_.back ? go_back() : go_forward();
    }

  private:
    const Group& group(const std::string& id) const {
        static const Group none;
        const auto found = census_.deployments.find(id);
        return found == census_.deployments.end() ? none : found->second;
    }
    bool serves(const std::string& id) const { return group(id).serving >= service_.desired; }
    // As many of blue's tasks serve as ever will.
    bool blue_serves() const {
        if (serves(course_.blue)) return true;
        const bool failed = std::any_of(plan_.deployments.begin(), plan_.deployments.end(), [&](const auto& one) {
            return one.id == course_.blue && one.rollout == Rollout::failed;
        });
        return failed && group(course_.blue).serving > 0;
    }
    // A green that does not serve in full is no reason to wait for all of blue.
    bool blue_takes_over() const {
        return blue_serves() || (group(course_.blue).serving > 0 && !serves(course_.green));
    }
    // What neither is blue nor green.
    template <class Is>
    bool any_other(Is is) const {
        return std::any_of(census_.deployments.begin(), census_.deployments.end(), [&](const auto& entry) {
            return entry.first != course_.blue && entry.first != course_.green && is(entry.second);
        });
    }
    bool left_over() const {
        return any_other([](const Group& group) { return group.size() > 0 || group.leaving > 0; });
    }
    bool left_over_serves() const {
        return any_other([](const Group& group) { return group.serving > 0; });
    }

    void again(PolicyInstant at) {
        if (!plan_.policy_again || at < *plan_.policy_again) plan_.policy_again = at;
    }
    bool passed(PolicyInstant at) {
        if (now_.policy >= at) return true;
        again(at);
        return false;
    }

    void enter(LifecycleStage stage) {
        course_.stage = stage;
        course_.since = now_.policy;
        course_.hooks.clear();
        course_.hooked = course_.back || !service_.strategy.hooked.contains(stage);
    }

    void go_forward() {
        while (course_.stage != LifecycleStage::CLEAN_UP && hooks_are_over() && is_done())
            enter(static_cast<LifecycleStage>(static_cast<int>(course_.stage) + 1));
        if (course_.stage != LifecycleStage::CLEAN_UP) return;
        // It has all the traffic, and blue goes: whatever comes next may fall back on it.
        for (auto& deployment : plan_.deployments)
            if (deployment.id == course_.green) deployment.proven = true;
    }

    bool hooks_are_over() {
        bool over = course_.hooked;
        for (auto& hook : course_.hooks) {
            if (!hook.over() && passed(hook.expires_at)) hook.status = HookStatus::TIMED_OUT;
            over = over && hook.over() && !hook.failed();
        }
        return over;
    }

    // Whether the stage has come to its end; acts where it has not.
    bool is_done() {
        switch (course_.stage) {
            case LifecycleStage::RECONCILE_SERVICE:
                return reconcile();
            case LifecycleStage::PRE_SCALE_UP:
                // From here on green's group is named, so that it is probed.
                if (!course_.shifted) course_.shifted = 0;
                return true;
            case LifecycleStage::SCALE_UP:
                return service_.traffic.in_place && serves(course_.green);
            case LifecycleStage::TEST_TRAFFIC_SHIFT:
                return shift_test();
            case LifecycleStage::PRODUCTION_TRAFFIC_SHIFT:
                return shift_production();
            case LifecycleStage::BAKE_TIME:
                return passed(*course_.since + service_.strategy.bake) && service_.traffic.in_place &&
                       serves(course_.green);
            default:
                return true;
        }
    }

    // The listeners are touched for the first time.
    void begin_with_blue() {
        if (course_.blue.empty() || blue_serves() || !left_over_serves()) course_.shifted = 0;
    }

    // What deployments before left behind loses its traffic, then its tasks: green shall have its target group.
    bool reconcile() {
        if (!course_.shifted) {
            begin_with_blue();
            return false;
        }
        return service_.traffic.in_place && !left_over();
    }

    bool shift_test() {
        if (!service_.traffic.test) return true;
        if (course_.tested) return service_.traffic.in_place;
        if (serves(course_.green)) course_.tested = true;
        return false;
    }

    bool shift_production() {
        if (!service_.traffic.production) return true;
        const int before = *course_.shifted;
        if (before == kWhole) return service_.traffic.in_place;
        const auto& strategy = service_.strategy;
        if (before > 0 && !passed(*course_.shifted_at + strategy.step_bake)) return false;
        if (!service_.traffic.in_place || !serves(course_.green)) return false;
        const bool rest = strategy.canary && before > 0;
        course_.shifted = rest ? kWhole : std::min(kWhole, before + strategy.step);
        course_.shifted_at = now_.policy;
        if (*course_.shifted < kWhole) again(now_.policy + strategy.step_bake);
        return false;
    }

    void go_back() {
        if (course_.stage == LifecycleStage::CLEAN_UP) return;
        if (!course_.shifted) return begin_with_blue();
        if (*course_.shifted > 0 || course_.tested) {
            if (!blue_takes_over()) return;
            course_.shifted = 0;
            course_.tested = false;
            return;
        }
        if (service_.traffic.in_place || !service_.traffic.lost.empty()) enter(LifecycleStage::CLEAN_UP);
    }

    const Service& service_;
    const Census& census_;
    const Now& now_;
    ServicePlan& plan_;
    Course& course_;
};

}  // namespace

void plan_course(const Service& service, const Census& census, const Now& now, ServicePlan& plan) {
    Walk(service, census, now, plan).go();
}

std::optional<int> wanted_tasks(const Service& service, const Course& course, const std::string& deployment) {
    const bool last = course.stage == LifecycleStage::CLEAN_UP;
    if (deployment == course.green) {
        if (course.back) return last ? 0 : service.desired;
        return course.stage >= LifecycleStage::SCALE_UP ? service.desired : 0;
    }
    if (deployment == course.blue) return last && !course.back ? 0 : service.desired;
    // The listeners are known to have turned away from it only a step after they were told to.
    const bool turned = service.course->shifted && service.traffic.in_place;
    if (!last && !turned) return std::nullopt;
    return 0;
}

void turn_back(Course& course, const Now& now) {
    course.back = true;
    course.stage = LifecycleStage::PRODUCTION_TRAFFIC_SHIFT;
    course.since = now.policy;
    course.hooked = true;
    course.hooks.clear();
}

}  // namespace gantry::ecs::scheduler
