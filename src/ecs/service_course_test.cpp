#include <boost/describe.hpp>
#include <cstdlib>

#include "ecs/service_world_test.h"

namespace gantry::ecs::scheduler::testing {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using enum LifecycleStage;

// A world whose service shifts traffic. The listeners take over what the course says with the plan that says it, as the
// records do, unless somebody turns them.
class ShiftingWorld : public ServiceWorld {
  public:
    explicit ShiftingWorld(std::uint32_t seed = 1) : ServiceWorld(seed) {
        service.desired = 2;
        service.strategy.bake = minutes(5);
        service.traffic.production = true;
    }

    std::string shift(Fate fate = {}) {
        Course course;
        const auto census = this->census();
        for (const auto& deployment : service.deployments)
            if (course.blue.empty() && deployment.sound()) course.blue = deployment.id;
        for (const auto& deployment : service.deployments)
            if (course.blue.empty() && census.deployments.at(deployment.id).serving > 0) course.blue = deployment.id;
        if (service.deployments.size() > (course.blue.empty() ? 0u : 1u)) course.stage = RECONCILE_SERVICE;
        course.green = deploy(fate);
        service.course = course;
        service.traffic.in_place = true;
        service.rollback_requested = false;
        return course.green;
    }

    ServicePlan step() {
        auto next = plan();
        check(next);
        const auto before = service.course;
        apply(next);
        if (primary().rollout == Rollout::in_progress) {
            // What the course says is what the listeners do.
            service.traffic.in_place = true;
            const auto& course = *service.course;
            if (course.shifted) {
                const int share = *course.shifted;
                shares.clear();
                if (share > 0) shares[course.green] = share;
                if (share < kWhole && !course.blue.empty()) shares[course.blue] = kWhole - share;
            }
        }
        if (before && service.course->stage != before->stage) stages.push_back(service.course->stage);
        if (service.course && !service.course->hooked) {
            service.course->hooked = true;
            service.course->hooks = hooks;
        }
        return next;
    }
    // Until nothing happens any more without time passing.
    void settle() {
        for (int quiet = 0, i = 0; quiet < 3; ++i) {
            ASSERT_LT(i, 500) << "it does not come to rest";
            const bool idle = step().idle(before_);
            progress(100);
            quiet = idle ? quiet + 1 : 0;
        }
    }

    // Nothing is taken from who has traffic, and nobody gets some who is not ready.
    void check(const ServicePlan& next) {
        before_ = service;
        const auto census = this->census();
        if (!next.course || service.deleted) return;
        for (const auto& [id, share] : shares) {
            const auto found = census.deployments.find(id);
            if (share == 0 || found == census.deployments.end()) continue;
            int serving = found->second.serving;
            for (const auto& stop : next.stops)
                for (const auto& member : found->second.members)
                    serving -= member.task->id == stop.task && member.stage == Stage::serving;
            ASSERT_GE(serving, std::min(found->second.serving, service.desired))
                << "tasks go that have traffic: " << id << " of blue " << next.course->blue << ", green "
                << next.course->green << (next.course->back ? ", on the way back, " : ", ")
                << boost::describe::enum_to_string(next.course->stage, "") << ", " << service.desired << " desired";
        }
        const int was = shares.contains(next.course->green) ? shares[next.course->green] : 0;
        const int is = next.course->shifted.value_or(was);
        if (is > was && !next.course->back) {
            ASSERT_GE(census.deployments.at(next.course->green).serving, service.desired) << "green is not ready";
        }
        int primaries = 0;
        for (const auto& deployment : next.deployments) primaries += deployment.primary;
        ASSERT_EQ(primaries, 1);
        for (const auto& start : next.starts) {
            const auto of = std::find_if(
                next.deployments.begin(), next.deployments.end(),
                [&](const auto& deployment) { return deployment.id == start.deployment; }
            );
            ASSERT_TRUE(of != next.deployments.end() && of->rollout != Rollout::failed);
        }
    }

    std::string words() const {
        const auto& course = *service.course;
        std::string text = std::string(boost::describe::enum_to_string(course.stage, "")) +
                           (course.back ? " back" : "") + ", blue " + course.blue + ", green " + course.green;
        for (const auto& [id, group] : census().deployments)
            text += "; " + id + ": " + std::to_string(group.serving) + " of " + std::to_string(group.size()) + " serve";
        return text + "; desired " + std::to_string(service.desired) + "; " + primary().reason;
    }
    LifecycleStage stage() const { return service.course->stage; }
    bool told(const std::string& text) const {
        return std::any_of(events.begin(), events.end(), [&](const auto& event) {
            return event.find(text) != std::string::npos;
        });
    }
    int serving(const std::string& id) const {
        const auto census = this->census();
        const auto found = census.deployments.find(id);
        return found == census.deployments.end() ? 0 : found->second.serving;
    }

    std::map<std::string, int> shares;  // of production, by deployment
    std::vector<LifecycleStage> stages;
    std::vector<Hook> hooks;  // what a stage with hooks begins

  private:
    Service before_;
};

// A service whose first deployment is over.
ShiftingWorld steady() {
    ShiftingWorld world;
    world.shift();
    world.settle();
    world.pass(minutes(6));
    world.settle();
    EXPECT_EQ(world.primary().rollout, Rollout::completed);
    world.stages.clear();
    world.events.clear();
    return world;
}

TEST(ServiceCourse, TheFirstDeploymentHasNoBlue) {
    ShiftingWorld world;
    const auto first = world.shift();
    world.settle();
    EXPECT_EQ(world.stage(), BAKE_TIME);
    EXPECT_EQ(world.shares, (std::map<std::string, int>{{first, kWhole}}));
    world.pass(minutes(6));
    world.settle();
    EXPECT_EQ(world.primary().rollout, Rollout::completed);
    EXPECT_TRUE(world.service.told.steady);
}

TEST(ServiceCourse, BlueAndGreenRunInFullUntilBlueEnds) {
    auto world = steady();
    const auto blue = world.primary().id;
    const auto green = world.shift();
    world.settle();
    EXPECT_EQ(world.stages, (std::vector{SCALE_UP, PRODUCTION_TRAFFIC_SHIFT, BAKE_TIME}));
    EXPECT_EQ(world.serving(blue), 2);
    EXPECT_EQ(world.serving(green), 2);
    EXPECT_EQ(world.shares, (std::map<std::string, int>{{green, kWhole}}));
    world.pass(minutes(4));
    world.settle();
    EXPECT_EQ(world.stage(), BAKE_TIME);
    world.pass(minutes(2));
    world.settle();
    EXPECT_EQ(world.stage(), CLEAN_UP);
    EXPECT_EQ(world.service.deployments.size(), 1u);
    EXPECT_TRUE(world.told("(deployment ecs-svc/" + green + ") deployment completed."));
}

TEST(ServiceCourse, GreenGetsNothingBeforeAllOfItServes) {
    auto world = steady();
    const auto blue = world.primary().id;
    world.shift({0, 100});
    for (int i = 0; i < 50; ++i) {
        world.step();
        world.progress(100);
        world.pass(seconds(10));
    }
    EXPECT_EQ(world.stage(), SCALE_UP);
    EXPECT_EQ(world.shares, (std::map<std::string, int>{{blue, kWhole}}));
}

TEST(ServiceCourse, ACanaryThenTheRest) {
    auto world = steady();
    world.service.strategy.canary = true;
    world.service.strategy.step = 50;
    world.service.strategy.step_bake = minutes(10);
    const auto blue = world.primary().id;
    const auto green = world.shift();
    world.settle();
    EXPECT_EQ(world.stage(), PRODUCTION_TRAFFIC_SHIFT);
    EXPECT_EQ(world.shares, (std::map<std::string, int>{{blue, 950}, {green, 50}}));
    world.pass(minutes(9));
    world.settle();
    EXPECT_EQ(world.shares.at(green), 50);
    world.pass(minutes(2));
    world.settle();
    EXPECT_EQ(world.shares, (std::map<std::string, int>{{green, kWhole}}));
    EXPECT_EQ(world.stage(), BAKE_TIME);
}

TEST(ServiceCourse, LinearInEqualStepsTheLastOfWhichIsWhatIsLeft) {
    auto world = steady();
    world.service.strategy.step = 300;
    world.service.strategy.step_bake = minutes(6);
    const auto green = world.shift();
    std::vector<int> seen;
    for (int i = 0; i < 4; ++i) {
        world.settle();
        seen.push_back(world.shares.at(green));
        world.pass(minutes(6));
    }
    EXPECT_EQ(seen, (std::vector{300, 600, 900, kWhole}));
    EXPECT_EQ(world.stage(), BAKE_TIME);
}

TEST(ServiceCourse, ScalesBothWhileItGoesOn) {
    auto world = steady();
    const auto blue = world.primary().id;
    const auto green = world.shift();
    world.settle();
    world.service.desired = 4;
    world.settle();
    EXPECT_EQ(world.serving(blue), 4);
    EXPECT_EQ(world.serving(green), 4);
    world.service.desired = 0;
    world.settle();
    world.pass(minutes(6));
    world.settle();
    EXPECT_EQ(world.primary().rollout, Rollout::completed);
}

TEST(ServiceCourse, AHookHoldsItsStageAndDecides) {
    for (const bool succeeds : {true, false}) {
        auto world = steady();
        const auto blue = world.primary().id;
        world.service.strategy.hooked = {POST_SCALE_UP};
        world.hooks.assign(1, {});
        world.hooks.front().expires_at = world.now.policy + minutes(60);
        const auto green = world.shift();
        world.settle();
        EXPECT_EQ(world.stage(), POST_SCALE_UP);
        EXPECT_EQ(world.shares, (std::map<std::string, int>{{blue, kWhole}}));
        world.service.course->hooks.front().status = succeeds ? HookStatus::SUCCEEDED : HookStatus::FAILED;
        world.settle();
        EXPECT_EQ(world.primary().id, succeeds ? green : blue);
        if (succeeds) continue;
        EXPECT_EQ(world.primary().rollout, Rollout::completed);
        EXPECT_TRUE(world.told("deployment failed: lifecycle hook failed at POST_SCALE_UP."));
        EXPECT_TRUE(world.told("rolling back to deployment ecs-svc/" + blue + "."));
    }
}

TEST(ServiceCourse, AHookThatTimesOutContinuesOrRollsBack) {
    for (const bool rolls_back : {true, false}) {
        auto world = steady();
        const auto blue = world.primary().id;
        world.service.strategy.hooked = {PRODUCTION_TRAFFIC_SHIFT};
        world.hooks.assign(1, {});
        world.hooks.front().status = HookStatus::AWAITING_ACTION;
        world.hooks.front().rolls_back = rolls_back;
        world.hooks.front().expires_at = world.now.policy + minutes(3);
        const auto green = world.shift();
        world.settle();
        EXPECT_EQ(world.stage(), PRODUCTION_TRAFFIC_SHIFT);
        EXPECT_FALSE(world.shares.contains(green));
        world.pass(minutes(3));
        world.settle();
        EXPECT_EQ(world.primary().id, rolls_back ? blue : green);
        EXPECT_EQ(world.shares.contains(green), !rolls_back);
    }
}

TEST(ServiceCourse, AnAlarmReturnsTheTrafficThenGreenGoes) {
    auto world = steady();
    const auto blue = world.primary().id;
    const auto green = world.shift();
    world.settle();
    ASSERT_EQ(world.shares, (std::map<std::string, int>{{green, kWhole}}));
    world.service.alarms = {"errors"};
    world.service.alarms_roll_back = true;
    world.step();
    world.service.alarms.clear();
    world.settle();
    EXPECT_EQ(world.shares, (std::map<std::string, int>{{blue, kWhole}}));
    EXPECT_EQ(world.primary().id, blue);
    EXPECT_EQ(world.primary().rollout, Rollout::completed);
    EXPECT_EQ(world.service.deployments.size(), 1u);
    EXPECT_TRUE(world.told("deployment failed: alarm detected."));
}

TEST(ServiceCourse, AnAlarmWithoutRollBackLeavesAllAsItIs) {
    auto world = steady();
    const auto blue = world.primary().id;
    const auto green = world.shift();
    world.settle();
    world.service.alarms = {"errors"};
    world.settle();
    EXPECT_EQ(world.shares, (std::map<std::string, int>{{green, kWhole}}));
    EXPECT_EQ(world.primary().rollout, Rollout::failed);
    EXPECT_EQ(world.serving(blue), 2);
    EXPECT_EQ(world.serving(green), 2);
    // What comes next begins with what was good.
    world.service.alarms.clear();
    world.shift();
    EXPECT_EQ(world.service.course->blue, blue);
    world.settle();
    EXPECT_EQ(world.serving(green), 0);
}

TEST(ServiceCourse, ACircuitThatBreaksRollsBack) {
    auto world = steady();
    const auto blue = world.primary().id;
    world.service.breaks_circuit = world.service.rolls_back = true;
    world.shift({100, 0});
    for (int i = 0; i < 60; ++i) {
        world.step();
        world.progress(100);
        world.pass(seconds(10));
    }
    EXPECT_EQ(world.primary().id, blue);
    EXPECT_EQ(world.primary().rollout, Rollout::completed);
    EXPECT_EQ(world.service.deployments.size(), 1u);
}

TEST(ServiceCourse, StoppedWhileBlueEndsBlueComesBackBeforeItGetsTheTraffic) {
    auto world = steady();
    const auto blue = world.primary().id;
    const auto green = world.shift();
    world.settle();
    world.pass(minutes(6));
    world.step();
    ASSERT_EQ(world.stage(), CLEAN_UP);
    world.step();
    world.service.rollback_requested = true;
    world.step();
    EXPECT_EQ(world.shares, (std::map<std::string, int>{{green, kWhole}}));
    world.settle();
    EXPECT_EQ(world.shares, (std::map<std::string, int>{{blue, kWhole}}));
    EXPECT_EQ(world.serving(blue), 2);
    EXPECT_EQ(world.service.deployments.size(), 1u);
}

TEST(ServiceCourse, ANewOneWhileAnotherBakesReconcilesFirst) {
    auto world = steady();
    const auto blue = world.primary().id;
    const auto skipped = world.shift();
    world.settle();
    ASSERT_EQ(world.shares, (std::map<std::string, int>{{skipped, kWhole}}));
    const auto green = world.shift();
    EXPECT_EQ(world.stage(), RECONCILE_SERVICE);
    world.settle();
    EXPECT_EQ(world.serving(skipped), 0);
    EXPECT_EQ(world.serving(blue), 2);
    EXPECT_EQ(world.shares, (std::map<std::string, int>{{green, kWhole}}));
}

TEST(ServiceCourse, AListenerThatIsLostRollsBack) {
    auto world = steady();
    const auto blue = world.primary().id;
    world.service.strategy.hooked = {POST_SCALE_UP};
    world.hooks.assign(1, {});
    world.hooks.front().expires_at = world.now.policy + minutes(60);
    world.shift();
    world.settle();
    world.service.traffic.lost = "The listener rule does not exist any more.";
    world.settle();
    EXPECT_EQ(world.primary().id, blue);
    EXPECT_TRUE(world.told("deployment failed: traffic could not be shifted."));
}

// Any life: what must hold is checked at each step, and when nothing goes wrong any more it ends well.
void live(std::uint32_t seed) {
    ShiftingWorld world(seed);
    auto& service = world.service;
    service.desired = world.draw(5);
    service.breaks_circuit = world.chance(50);
    service.rolls_back = world.chance(60);
    service.strategy.bake = minutes(world.draw(3));
    service.strategy.step = world.chance(40) ? kWhole : 100 + world.draw(400);
    service.strategy.canary = world.chance(50);
    service.strategy.step_bake = minutes(world.draw(3));
    service.traffic.test = world.chance(50);
    service.changes_max = world.chance(50) ? 3 : 40;
    world.checked = world.chance(70);
    if (world.chance(40)) {
        service.strategy.hooked = {PRE_SCALE_UP, POST_SCALE_UP, PRODUCTION_TRAFFIC_SHIFT, POST_PRODUCTION_TRAFFIC_SHIFT};
        world.hooks.assign(1, {});
    }
    const auto fate = [&] {
        return world.chance(60) ? Fate{} : Fate{world.chance(50) ? 100 : 30, world.chance(50) ? 100 : 30};
    };
    world.shift(fate());
    for (int i = 0, steps = 20 + world.draw(150); i < steps; ++i) {
        for (auto& hook : world.hooks) hook.expires_at = world.now.policy + minutes(2);
        const int what = world.draw(100);
        if (what < 5) {
            world.shift(fate());
        } else if (what < 8) {
            service.desired = world.draw(5);
        } else if (what < 10) {
            service.rollback_requested =
                world.primary().rollout == Rollout::in_progress && !service.course->back && !service.course->blue.empty();
        } else if (what < 12) {
            service.alarms = {"a"};
            service.alarms_roll_back = world.chance(50);
        } else if (what < 20 && !service.tasks.empty()) {
            world.die(service.tasks[world.draw(static_cast<int>(service.tasks.size()))].id);
        } else if (what < 40 && !service.course->hooks.empty()) {
            auto& hook = service.course->hooks.front();
            if (!hook.over()) hook.status = world.chance(70) ? HookStatus::SUCCEEDED : HookStatus::FAILED;
        }
        if (world.chance(60)) world.progress(50);
        if (world.chance(50)) world.pass(seconds(world.draw(90)));
        // Alarms are looked at while it goes forward, as the records have it.
        if (service.course->back || world.primary().rollout != Rollout::in_progress) service.alarms.clear();
        world.step();
        if (::testing::Test::HasFatalFailure()) return;
    }
    for (auto& [id, one] : world.fates) one = {};
    service.alarms.clear();
    service.rollback_requested = false;
    service.strategy.hooked.clear();
    for (auto& hook : service.course->hooks)
        if (!hook.over()) hook.status = HookStatus::SUCCEEDED;
    world.shift();
    for (int i = 0; i < 2'000 && !(world.primary().rollout == Rollout::completed && service.told.steady); ++i) {
        world.step();
        world.progress(100);
        world.pass(seconds(10));
        if (::testing::Test::HasFatalFailure()) return;
    }
    ASSERT_EQ(world.primary().rollout, Rollout::completed) << world.words();
    ASSERT_EQ(service.deployments.size(), 1u);
    ASSERT_EQ(world.serving(world.primary().id), service.desired);
    ASSERT_EQ(world.shares, (std::map<std::string, int>{{world.primary().id, kWhole}}));
    world.settle();
}

TEST(ServiceCourseProperty, HoldsInEveryLife) {
    const char* given = std::getenv("GANTRY_COURSE_LIVES");
    const char* only = std::getenv("GANTRY_COURSE_SEED");
    const std::uint32_t first = only != nullptr ? static_cast<std::uint32_t>(std::atoi(only)) : 1;
    const auto last = only != nullptr ? first : static_cast<std::uint32_t>(given != nullptr ? std::atoi(given) : 5'000);
    for (std::uint32_t seed = first; seed <= last; ++seed) {
        live(seed);
        if (::testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ": repeat with GANTRY_COURSE_SEED";
    }
}

}  // namespace
}  // namespace gantry::ecs::scheduler::testing
