// Random tasks in a random world: whatever is observed in whatever order, statuses never go back, a stop
// always ends with nothing left, order is kept, and what has converged asks for nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "worker/dependency.h"
#include "worker/next_step.h"
#include "worker/observe.h"

namespace gantry::worker {
namespace {

using Kind = Step::Kind;
using Phase = ContainerPhase;
using link::DependsCondition;
using link::TaskStatus;
using std::chrono::seconds;

struct Dice {
    std::uint64_t state;
    std::uint64_t draw() {
        std::uint64_t z = (state += 0x9e3779b97f4a7c15ull);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
        return z ^ (z >> 31);
    }
    int under(int n) { return static_cast<int>(draw() % static_cast<std::uint64_t>(n)); }
    bool hits(int percent) { return under(100) < percent; }
};

// What really is, beside what the facts believe.
struct Machine {
    struct Container {
        bool exists = false;
        std::optional<RealInstant> started_at, ended_at;
        int exit_code = 0;
    };
    std::map<std::string, Container> containers;
    bool attached = false;
    bool prepared = false;
};

class Life {
  public:
    Life(link::DesiredTask task, std::uint64_t seed, int trouble_percent)
        : task_(std::move(task)), facts_(first_facts(task_)), dice_{seed}, trouble_(trouble_percent) {
        for (const auto& one : task_.containers) machine_.containers[one.name];
    }

    void live(int turns) {
        for (int turn = 0; turn < turns; ++turn) {
            if (dice_.hits(3)) want_stop();
            if (dice_.hits(20)) end_something();
            if (dice_.hits(3)) forget_what_is_not_kept();
            if (dice_.hits(50)) now_ = now_ + seconds(dice_.under(20));
            one_turn();
        }
    }

    void end() {
        want_stop();
        trouble_ = 0;
        for (int turn = 0; turn < 500; ++turn) {
            if (!one_turn()) {
                if (!again_) break;
                now_ = *again_;
            }
        }
        EXPECT_EQ(observed_status(facts_), TaskStatus::STOPPED);
        for (const auto& [name, container] : machine_.containers) EXPECT_FALSE(container.exists) << name;
        EXPECT_FALSE(machine_.attached);
        EXPECT_FALSE(machine_.prepared);
        EXPECT_TRUE(next_step(task_, facts_, now_).steps.empty());
        EXPECT_EQ(next_step(task_, facts_, now_).facts, facts_);
    }

    TaskStatus status() const { return observed_status(facts_); }
    // Without trouble and without stop: everything that can run does.
    bool settle() {
        for (int turn = 0; turn < 200; ++turn) {
            if (one_turn()) continue;
            const auto again = next_step(task_, facts_, now_);
            EXPECT_TRUE(again.steps.empty());
            return true;
        }
        return false;
    }
    void finish(const std::string& name, int code) {
        auto& real = machine_.containers[name];
        real.ended_at = now_;
        real.exit_code = code;
        look_at(name);
    }
    const TaskFacts& facts() const { return facts_; }

  private:
    void want_stop() {
        task_.desired_status = TaskStatus::STOPPED;
        task_.stop_code = "UserInitiated";
        task_.stop_reason = "x";
    }
    void end_something() {
        auto it = machine_.containers.begin();
        std::advance(it, dice_.under(static_cast<int>(machine_.containers.size())));
        if (!it->second.started_at || it->second.ended_at) return;
        it->second.ended_at = now_;
        it->second.exit_code = dice_.under(3);
        if (dice_.hits(70)) look_at(it->first);
    }
    // A crash of the worker: what was not kept is gone, and everything is looked at.
    void forget_what_is_not_kept() {
        facts_ = decode_text<TaskFacts>(encode_text(facts_)).value();
        for (const auto& [name, container] : machine_.containers) look_at(name);
    }
    void look_at(const std::string& name) {
        const auto& real = machine_.containers[name];
        auto& seen = *facts_.find(name);
        if (seen.removed) return;
        if (!real.exists) return observe_missing(seen, now_);
        port::ContainerStatus status;
        status.started_at = real.started_at;
        if (real.started_at) status.state = port::ContainerState::running;
        if (real.ended_at) {
            status.state = port::ContainerState::exited;
            status.exited_at = real.ended_at;
            status.exit_code = real.exit_code;
        }
        observe_status(seen, status);
    }

    // Whether there was something to do.
    bool one_turn() {
        const auto before = observed_status(facts_);
        auto decision = next_step(task_, facts_, now_);
        EXPECT_GE(observed_status(decision.facts), before);
        const auto foreground =
            std::count_if(decision.steps.begin(), decision.steps.end(), [](const auto& step) {
                return !in_background(step.kind);
            });
        EXPECT_LE(foreground, 1);
        facts_ = std::move(decision.facts);
        again_ = decision.again;
        for (const auto& step : decision.steps) perform(step);
        EXPECT_GE(observed_status(facts_), before);
        return !decision.steps.empty();
    }

    void perform(const Step& step) {
        check_order(step);
        const int fate = dice_.under(100);
        if (fate < trouble_ / 2) {
            observe_failed(facts_, step, {Errc::unavailable, "", "trouble"}, now_);
            return;
        }
        happen(step);
        if (fate < trouble_) {
            observe_failed(facts_, step, {Errc::unknown, "", "answer lost"}, now_);
            if (!step.container.empty() && dice_.hits(80)) look_at(step.container);
            return;
        }
        tell(step);
    }

    void happen(const Step& step) {
        auto& real = machine_.containers[step.container.empty() ? task_.containers[0].name : step.container];
        switch (step.kind) {
            case Kind::attach_network:
                machine_.attached = true;
                return;
            case Kind::prepare:
                machine_.prepared = true;
                return;
            case Kind::create:
                real.exists = true;
                return;
            case Kind::restart:
                if (real.ended_at) real.started_at.reset();
                real.ended_at.reset();
                [[fallthrough]];
            case Kind::start:
                if (!real.started_at) real.started_at = now_;
                return;
            case Kind::signal:
                if (dice_.hits(50) && real.started_at && !real.ended_at) {
                    real.ended_at = now_;
                    real.exit_code = 143;
                }
                return;
            case Kind::kill:
                if (real.started_at && !real.ended_at) {
                    real.ended_at = now_;
                    real.exit_code = 137;
                }
                return;
            case Kind::remove:
                real = {};
                return;
            case Kind::detach_network:
                for (const auto& [name, container] : machine_.containers) EXPECT_FALSE(container.exists);
                machine_.attached = false;
                return;
            case Kind::clean_up:
                machine_.prepared = false;
                return;
            case Kind::pull:
            case Kind::probe:
                return;
        }
    }

    void tell(const Step& step) {
        auto* seen = facts_.find(step.container);
        if (step.kind == Kind::pull) return observe_pulled(facts_, *seen, {.digest = "sha256:1"}, now_);
        if (step.kind == Kind::probe) {
            for (const auto& wanted : task_.containers)
                if (wanted.name == step.container) observe_probed(wanted, *seen, dice_.hits(80), now_);
            return;
        }
        if (step.kind == Kind::attach_network) return observe_attached(facts_, "/ns");
        if (step.kind == Kind::create) return observe_created(*seen, {}, now_);
        observe_done(facts_, step, now_);
        if (step.kind == Kind::signal || step.kind == Kind::kill) look_at(step.container);
    }

    void check_order(const Step& step) {
        if (step.kind == Kind::create) {
            for (const auto& wanted : task_.containers) {
                if (wanted.name != step.container) continue;
                const auto state = dependency_state(task_, facts_, wanted, now_);
                EXPECT_EQ(state.verdict, DependencyState::Verdict::ready) << step.container;
            }
        }
        if (step.kind == Kind::signal) {
            EXPECT_FALSE(has_running_dependents(task_, facts_, step.container));
        }
        if (step.kind == Kind::start || step.kind == Kind::create || step.kind == Kind::restart) {
            EXPECT_FALSE(facts_.stopping_at);
        }
    }

    link::DesiredTask task_;
    TaskFacts facts_;
    Machine machine_;
    Dice dice_;
    int trouble_;
    RealInstant now_{1'000'000};
    std::optional<RealInstant> again_;
};

link::DesiredTask random_task(Dice& dice) {
    link::DesiredTask task;
    task.id = "0123456789abcdef0123456789abcdef";
    if (dice.hits(80)) task.eni.id = "eni-1";
    const int count = 1 + dice.under(4);
    for (int i = 0; i < count; ++i) {
        auto& container = task.containers.emplace_back();
        container.name = std::string(1, static_cast<char>('a' + i));
        container.essential = i == 0 || dice.hits(50);
        if (dice.hits(30)) container.health_check = link::HealthCheck{{"x"}, 5, 2, 2, 0};
        if (dice.hits(30)) container.start_timeout_s = 30;
        if (dice.hits(30)) container.stop_timeout_s = dice.under(10);
        if (dice.hits(20)) container.restart_policy = {true, {2}, 10};
        for (int on = 0; on < i; ++on)
            if (dice.hits(30))
                container.depends_on.push_back(
                    {std::string(1, static_cast<char>('a' + on)), static_cast<DependsCondition>(dice.under(4))
                    }
                );
    }
    return task;
}

TEST(NextStepProperty, AnyLifeEndsCleanly) {
    for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Dice dice{seed};
        Life life(random_task(dice), seed * 7919, dice.hits(50) ? 0 : 20);
        life.live(dice.under(60));
        life.end();
        if (HasFailure()) return;
    }
}

// Three containers, every graph of START dependencies without cycles: all run, and stop in the other order
// (both checked step by step in Life).
TEST(NextStepProperty, EverySmallGraphRunsAndStops) {
    int graphs = 0;
    for (int edges = 0; edges < 64; ++edges) {
        link::DesiredTask task;
        task.id = "0123456789abcdef0123456789abcdef";
        std::vector<std::vector<int>> on(3);
        int bit = 0;
        for (int from = 0; from < 3; ++from) {
            auto& container = task.containers.emplace_back();
            container.name = std::string(1, static_cast<char>('a' + from));
            for (int to = 0; to < 3; ++to) {
                if (to == from || ((edges >> bit++) & 1) == 0) continue;
                on[static_cast<std::size_t>(from)].push_back(to);
                container.depends_on.push_back(
                    {std::string(1, static_cast<char>('a' + to)), DependsCondition::START}
                );
            }
        }
        // Free of cycles: three rounds of taking away what depends on nothing that is left.
        std::set<int> left{0, 1, 2};
        for (int round = 0; round < 3; ++round)
            std::erase_if(left, [&](int node) {
                const auto& targets = on[static_cast<std::size_t>(node)];
                return std::none_of(targets.begin(), targets.end(), [&](int to) {
                    return left.contains(to);
                });
            });
        if (!left.empty()) continue;
        ++graphs;
        SCOPED_TRACE(edges);
        Life life(task, 1, 0);
        ASSERT_TRUE(life.settle());
        EXPECT_EQ(life.status(), TaskStatus::RUNNING);
        life.end();
    }
    EXPECT_EQ(graphs, 25);  // the number of labelled acyclic graphs of three nodes
}

// Every condition against every way in which the dependency can end.
TEST(NextStepProperty, EveryConditionAgainstEveryEnd) {
    for (int condition = 0; condition < 4; ++condition) {
        for (const int code : {0, 1}) {
            link::DesiredTask task;
            task.id = "0123456789abcdef0123456789abcdef";
            task.containers.resize(2);
            task.containers[0].name = "web";
            task.containers[0].depends_on = {{"init", static_cast<DependsCondition>(condition)}};
            task.containers[1].name = "init";
            task.containers[1].essential = false;
            Life life(task, 1, 0);
            life.settle();
            life.finish("init", code);
            life.settle();
            const auto wanted = static_cast<DependsCondition>(condition);
            const bool runs = wanted == DependsCondition::START || wanted == DependsCondition::COMPLETE ||
                              (wanted == DependsCondition::SUCCESS && code == 0);
            EXPECT_EQ(life.status(), runs ? TaskStatus::RUNNING : TaskStatus::STOPPED)
                << condition << " " << code;
            life.end();
        }
    }
}

}  // namespace
}  // namespace gantry::worker
