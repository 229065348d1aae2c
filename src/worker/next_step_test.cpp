#include "worker/next_step.h"

#include <gtest/gtest.h>

#include "worker/observe.h"
#include "worker/stop_code.h"

namespace gantry::worker {
namespace {

using Kind = Step::Kind;
using link::DependsCondition;
using link::TaskStatus;
using std::chrono::seconds;

link::DesiredContainer container(std::string name, std::vector<link::Dependency> depends_on = {}) {
    link::DesiredContainer one;
    one.name = std::move(name);
    one.image = "nginx";
    one.depends_on = std::move(depends_on);
    return one;
}

link::DesiredTask task_of(std::vector<link::DesiredContainer> containers) {
    link::DesiredTask task;
    task.id = "0123456789abcdef0123456789abcdef";
    task.eni.id = "eni-1";
    task.containers = std::move(containers);
    return task;
}

// One task in a world where every step succeeds at once; events are told by hand.
struct Story {
    explicit Story(link::DesiredTask wanted) : task(std::move(wanted)), facts(first_facts(task)) {}

    // Does all that is to be done now; the steps, in order.
    std::vector<std::string> run() {
        std::vector<std::string> done;
        for (int turns = 0; turns < 200; ++turns) {
            auto decision = next_step(task, facts, now);
            EXPECT_GE(observed_status(decision.facts), observed_status(facts));
            facts = decision.facts;
            again = decision.again;
            if (decision.steps.empty()) return done;
            for (const auto& step : decision.steps) {
                done.push_back(step_key(step));
                perform(step);
            }
        }
        ADD_FAILURE() << "never converges";
        return done;
    }

    void perform(const Step& step) {
        auto* one = facts.find(step.container);
        switch (step.kind) {
            case Kind::pull:
                return observe_pulled(facts, *one, {.digest = "sha256:1"}, now);
            case Kind::probe:
                return observe_probed(wanted(step.container), *one, probes_pass, now);
            case Kind::attach_network:
                return observe_attached(facts, "/run/netns/1");
            case Kind::create:
                return observe_created(*one, {}, now);
            default:
                return observe_done(facts, step, now);
        }
    }

    const link::DesiredContainer& wanted(const std::string& name) const {
        for (const auto& one : task.containers)
            if (one.name == name) return one;
        throw std::out_of_range(name);
    }

    void exit(const std::string& name, int code, bool oom = false) {
        port::ContainerStatus status;
        status.state = port::ContainerState::exited;
        status.exit_code = code;
        status.oom_killed = oom;
        status.started_at = facts.find(name)->started_at;
        status.exited_at = now;
        observe_status(*facts.find(name), status);
    }

    void stop() {
        task.desired_status = TaskStatus::STOPPED;
        task.stop_code = "UserInitiated";
        task.stop_reason = "Task stopped by user";
    }

    TaskStatus status() const { return observed_status(facts); }
    const ContainerFacts& at(const std::string& name) const { return *facts.find(name); }

    link::DesiredTask task;
    TaskFacts facts;
    RealInstant now{1'000'000};
    std::optional<RealInstant> again;
    bool probes_pass = true;
};

using Steps = std::vector<std::string>;

TEST(NextStep, RunsOneContainerAndStopsIt) {
    Story story(task_of({container("web")}));
    EXPECT_EQ(story.run(), (Steps{"pull web", "attach network", "prepare", "create web", "start web"}));
    EXPECT_EQ(story.status(), TaskStatus::RUNNING);
    EXPECT_EQ(story.run(), Steps{});
    EXPECT_FALSE(story.again);

    story.stop();
    EXPECT_EQ(story.run(), (Steps{"signal web"}));
    EXPECT_EQ(story.status(), TaskStatus::STOPPING);
    EXPECT_EQ(story.again, story.now + seconds(30));

    story.now = story.now + seconds(1);
    story.exit("web", 143);
    EXPECT_EQ(story.run(), (Steps{"remove web", "detach network", "clean up"}));
    EXPECT_EQ(story.status(), TaskStatus::STOPPED);
    EXPECT_EQ(story.facts.stop_reason, "Task stopped by user");
    EXPECT_EQ(story.at("web").exit_code, 143);
    EXPECT_EQ(story.run(), Steps{});
}

TEST(NextStep, KillsAfterStopTimeoutAndAgain) {
    auto web = container("web");
    web.stop_timeout_s = 5;
    Story story(task_of({web}));
    story.run();
    story.stop();
    story.run();
    story.now = story.now + seconds(4);
    EXPECT_EQ(story.run(), Steps{});
    story.now = story.now + seconds(1);
    EXPECT_EQ(story.run(), Steps{"kill web"});
    story.now = story.now + seconds(10);
    EXPECT_EQ(story.run(), Steps{"kill web"});
    story.exit("web", 137);
    story.run();
    EXPECT_EQ(story.status(), TaskStatus::STOPPED);
}

TEST(NextStep, EssentialExitStopsTheOthersAgainstTheOrder) {
    Story story(task_of(
        {container("db"), container("app", {{"db", DependsCondition::START}}),
         container("proxy", {{"app", DependsCondition::START}})}
    ));
    EXPECT_EQ(
        story.run(), (Steps{
                         "pull db", "pull app", "pull proxy", "attach network", "prepare", "create db",
                         "start db", "create app", "start app", "create proxy", "start proxy"
                     })
    );
    story.exit("proxy", 3);
    EXPECT_EQ(story.run(), Steps{"signal app"});
    EXPECT_EQ(story.facts.stop_code, essential_exited_code);
    EXPECT_EQ(story.facts.stop_reason, essential_exited_reason);
    story.exit("app", 0);
    EXPECT_EQ(story.run(), Steps{"signal db"});
    story.exit("db", 0);
    story.run();
    EXPECT_EQ(story.status(), TaskStatus::STOPPED);
    EXPECT_EQ(story.at("proxy").exit_code, 3);
}

TEST(NextStep, SaysOutOfMemory) {
    Story story(task_of({container("web")}));
    story.run();
    story.exit("web", 137, true);
    story.run();
    EXPECT_EQ(story.at("web").reason, out_of_memory_reason);
    EXPECT_EQ(story.facts.stop_reason, essential_exited_reason);
}

TEST(NextStep, SuccessConditionWaitsForTheInitContainer) {
    auto init = container("init");
    init.essential = false;
    Story story(task_of({container("web", {{"init", DependsCondition::SUCCESS}}), init}));
    const auto steps = story.run();
    EXPECT_EQ(steps.back(), "start init");
    EXPECT_EQ(story.status(), TaskStatus::PENDING);
    story.exit("init", 0);
    EXPECT_EQ(story.run(), (Steps{"create web", "start web"}));
    EXPECT_EQ(story.status(), TaskStatus::RUNNING);
}

TEST(NextStep, FailedInitContainerFailsTheTask) {
    auto init = container("init");
    init.essential = false;
    Story story(task_of({container("web", {{"init", DependsCondition::SUCCESS}}), init}));
    story.run();
    story.exit("init", 1);
    story.run();
    EXPECT_EQ(story.status(), TaskStatus::STOPPED);
    EXPECT_EQ(story.facts.stop_code, failed_to_start_code);
    EXPECT_EQ(story.at("web").exit_code, 143);
    EXPECT_NE(story.at("web").reason.find("did not exit successfully"), std::string::npos);
    EXPECT_FALSE(story.facts.started_at);
}

TEST(NextStep, HealthyConditionAndStartTimeout) {
    auto db = container("db");
    db.start_timeout_s = 20;
    db.health_check = link::HealthCheck{{"CMD", "ok"}, 5, {}, {}, {}};
    Story story(task_of({db, container("web", {{"db", DependsCondition::HEALTHY}})}));
    story.run();
    EXPECT_EQ(story.again, story.now + seconds(5));

    Story late = story;
    late.probes_pass = false;
    for (int i = 0; i < 20 && !late.facts.stopping_at; ++i) {
        late.now = late.now + seconds(1);
        late.run();
    }
    EXPECT_EQ(late.now, story.now + seconds(20));
    EXPECT_NE(late.facts.stop_reason.find("has timed out"), std::string::npos) << late.facts.stop_reason;

    story.now = story.now + seconds(5);
    EXPECT_EQ(story.run(), (Steps{"probe db", "create web", "start web"}));
    EXPECT_EQ(story.status(), TaskStatus::RUNNING);
}

TEST(NextStep, RestartsByPolicyAfterItsPeriod) {
    auto web = container("web");
    web.restart_policy = {true, {7}, 60};
    Story story(task_of({web}));
    story.run();
    story.now = story.now + seconds(61);
    story.exit("web", 1);
    EXPECT_EQ(story.run(), Steps{"restart web"});
    EXPECT_EQ(story.at("web").restart_count, 1);
    EXPECT_EQ(story.status(), TaskStatus::RUNNING);

    Story ignored = story;
    ignored.now = ignored.now + seconds(61);
    ignored.exit("web", 7);
    ignored.run();
    EXPECT_EQ(ignored.status(), TaskStatus::STOPPED);

    story.now = story.now + seconds(59);
    story.exit("web", 1);
    story.run();
    EXPECT_EQ(story.status(), TaskStatus::STOPPED);
}

TEST(NextStep, PullFailureIsToldAsEcsDoes) {
    Story story(task_of({container("web")}));
    auto decision = next_step(story.task, story.facts, story.now);
    story.facts = decision.facts;
    const Error error{Errc::refused, "CannotPullContainerError", "nginx: not found"};
    observe_failed(story.facts, {Kind::pull, "web"}, error, story.now);
    story.run();
    EXPECT_EQ(story.status(), TaskStatus::STOPPED);
    EXPECT_EQ(story.facts.stop_code, failed_to_start_code);
    EXPECT_EQ(story.facts.stop_reason, "CannotPullContainerError: nginx: not found");
}

TEST(NextStep, SaysHowOftenTheRegistryWasAsked) {
    Story story(task_of({container("web")}));
    const Error error{Errc::unavailable, "", "failed to resolve ref a/b:c: no route to host"};
    while (!story.facts.stopping_at) {
        auto decision = next_step(story.task, story.facts, story.now);
        story.facts = decision.facts;
        observe_failed(story.facts, {Kind::pull, "web"}, error, story.now);
        story.now = story.now + seconds(31);
        ASSERT_LT(story.facts.containers.front().pull_attempts, pull_attempts_max);
        story.facts = next_step(story.task, story.facts, story.now).facts;
    }
    EXPECT_EQ(
        story.facts.stop_reason,
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref a/b:c: no "
        "route to host"
    );
}

TEST(NextStep, RetriesTroubleWithPausesAndThenGivesUp) {
    Story story(task_of({container("web")}));
    const Error error{Errc::unavailable, "", "no tool"};
    int attempts = 0;
    while (!story.facts.stopping_at) {
        auto decision = next_step(story.task, story.facts, story.now);
        story.facts = decision.facts;
        for (const auto& step : decision.steps) {
            if (step.kind != Kind::attach_network) {
                story.perform(step);
                continue;
            }
            ++attempts;
            observe_failed(story.facts, step, error, story.now);
        }
        ASSERT_TRUE(story.facts.stopping_at || decision.again || !decision.steps.empty());
        if (decision.again) story.now = *decision.again;
    }
    EXPECT_EQ(attempts, step_attempts_max);
    EXPECT_EQ(story.facts.stop_reason.find("ResourceInitializationError: "), 0u);
    story.run();
    EXPECT_EQ(story.status(), TaskStatus::STOPPED);
}

TEST(NextStep, StopBeforeStartTouchesNoContainer) {
    Story story(task_of({container("web")}));
    story.stop();
    EXPECT_EQ(story.run(), (Steps{"remove web", "detach network", "clean up"}));
    EXPECT_EQ(story.status(), TaskStatus::STOPPED);
    EXPECT_FALSE(story.at("web").exit_code);
}

}  // namespace
}  // namespace gantry::worker
