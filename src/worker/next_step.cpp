#include "worker/next_step.h"

#include <algorithm>

#include "base/assertion.h"
#include "worker/dependency.h"
#include "worker/health.h"
#include "worker/stop_code.h"

namespace gantry::worker {
namespace {

using Kind = Step::Kind;
using Phase = ContainerPhase;
using std::chrono::seconds;

constexpr Duration kill_again_after = seconds(10);
constexpr int default_stop_timeout_s = 30;
// What docker reports for a SIGTERM; ECS shows it for a container whose dependencies can never be met.
constexpr int never_started_exit_code = 143;

struct Deciding {
    const link::DesiredTask& task;
    RealInstant now;
    Decision out;

    TaskFacts& facts() { return out.facts; }
    void look_again(RealInstant at) {
        if (!out.again || at < *out.again) out.again = at;
    }
    // False while the step waits for its next attempt.
    bool due(const Step& step) {
        const auto trouble = facts().troubles.find(step_key(step));
        if (trouble == facts().troubles.end() || now >= trouble->second.not_before) return true;
        look_again(trouble->second.not_before);
        return false;
    }
    // Whether the step is taken now; there is at most one in the foreground.
    bool take(Step step) {
        if (!due(step)) return false;
        out.steps.push_back(std::move(step));
        return true;
    }
};

const link::DesiredContainer& wanted(const Deciding& in, const ContainerFacts& container) {
    for (const auto& one : in.task.containers)
        if (one.name == container.name) return one;
    ASSERT(false, "facts of a container that the task does not have");
    __builtin_unreachable();
}

bool may_restart(const link::DesiredContainer& container, const ContainerFacts& seen) {
    const auto& policy = container.restart_policy;
    if (!policy.enabled || !seen.started_at || !seen.finished_at || !seen.exit_code) return false;
    const auto& ignored = policy.ignored_exit_codes;
    if (std::find(ignored.begin(), ignored.end(), *seen.exit_code) != ignored.end()) return false;
    return *seen.finished_at - *seen.started_at >= seconds(policy.restart_attempt_period_s);
}

void conclude_exit(Deciding& in, ContainerFacts& seen) {
    seen.concluded = true;
    const auto& container = wanted(in, seen);
    if (in.facts().stopping_at) return;
    if (may_restart(container, seen)) {
        seen.restart_pending = true;
        return;
    }
    if (!container.essential) return;
    if (seen.started_at)
        decide_stop(in.facts(), in.now, essential_exited_code, essential_exited_reason);
    else
        decide_stop(in.facts(), in.now, failed_to_start_code, seen.reason);
}

void conclude_dependencies(Deciding& in) {
    // A failed dependency fails those that wait for it, and so on: at most one round per container.
    for (std::size_t round = 0; round < in.facts().containers.size(); ++round) {
        for (auto& seen : in.facts().containers) {
            if (seen.phase != Phase::absent || in.facts().stopping_at) continue;
            const auto state = dependency_state(in.task, in.facts(), wanted(in, seen), in.now);
            if (state.again) in.look_again(*state.again);
            if (state.verdict != DependencyState::Verdict::impossible) continue;
            seen.phase = Phase::exited;
            seen.exit_code = never_started_exit_code;
            seen.finished_at = in.now;
            seen.reason = "CannotStartContainerError: " + state.why;
            conclude_exit(in, seen);
        }
    }
}

// A container that ends at once has run too; an optional one that can not be started holds nothing up.
bool all_ran(Deciding& in) {
    const auto& all = in.facts().containers;
    return std::all_of(all.begin(), all.end(), [&](const auto& seen) {
        return seen.started_at || (seen.phase == Phase::exited && !wanted(in, seen).essential);
    });
}

bool none_runs(const TaskFacts& facts) {
    const auto& all = facts.containers;
    return std::none_of(all.begin(), all.end(), [](const auto& c) { return c.phase == Phase::running; });
}

void draw_conclusions(Deciding& in) {
    TaskFacts& facts = in.facts();
    if (in.task.desired_status == link::TaskStatus::STOPPED)
        decide_stop(facts, in.now, in.task.stop_code, in.task.stop_reason);
    if (!facts.stopping_at && !facts.started_at && all_ran(in)) facts.started_at = in.now;
    for (auto& seen : facts.containers)
        if (seen.phase == Phase::exited && !seen.concluded) conclude_exit(in, seen);
    conclude_dependencies(in);
    if (!facts.stopping_at) return;
    for (auto& seen : facts.containers) seen.restart_pending = false;
    if (!facts.execution_stopped_at && none_runs(facts)) facts.execution_stopped_at = in.now;
}

void pull_images(Deciding& in) {
    for (auto& seen : in.facts().containers) {
        if (seen.phase != Phase::absent || !seen.image_digest.empty() || seen.pulling) continue;
        if (seen.pull_not_before && in.now < *seen.pull_not_before) {
            in.look_again(*seen.pull_not_before);
            continue;
        }
        seen.pulling = true;
        if (!in.facts().pull_started_at) in.facts().pull_started_at = in.now;
        in.out.steps.push_back({Kind::pull, seen.name});
    }
}

void probe_health(Deciding& in) {
    for (auto& seen : in.facts().containers) {
        if (seen.phase != Phase::running || seen.health.probing || !seen.started_at) continue;
        const auto check = health_check(wanted(in, seen));
        if (!check) continue;
        const RealInstant at = next_probe_at(*check, *seen.started_at, seen.health);
        if (in.now < at) {
            in.look_again(at);
            continue;
        }
        seen.health.probing = true;
        in.out.steps.push_back({Kind::probe, seen.name});
    }
}

void start_containers(Deciding& in) {
    for (const auto& seen : in.facts().containers) {
        std::optional<Step> step;
        if (seen.restart_pending) step = {Kind::restart, seen.name};
        if (seen.phase == Phase::created) step = {Kind::start, seen.name};
        if (seen.phase == Phase::absent && !seen.image_digest.empty() &&
            dependency_state(in.task, in.facts(), wanted(in, seen), in.now).verdict ==
                DependencyState::Verdict::ready)
            step = {Kind::create, seen.name};
        // A container that waits for its next attempt does not hold up the others.
        if (step && in.take(*step)) return;
    }
}

void way_up(Deciding& in) {
    pull_images(in);
    probe_health(in);
    if (!in.task.eni.id.empty() && in.facts().network_namespace.empty())
        in.take({Kind::attach_network, ""});
    else if (!in.facts().storage_ready)
        in.take({Kind::prepare, ""});
    else
        start_containers(in);
}

void stop_containers(Deciding& in) {
    for (const auto& seen : in.facts().containers) {
        if (seen.phase != Phase::running || has_running_dependents(in.task, in.facts(), seen.name)) continue;
        if (!seen.signalled_at) {
            if (in.take({Kind::signal, seen.name})) return;
            continue;
        }
        const auto patience = seconds(wanted(in, seen).stop_timeout_s.value_or(default_stop_timeout_s));
        const RealInstant kill_at =
            seen.killed_at ? *seen.killed_at + kill_again_after : *seen.signalled_at + patience;
        if (in.now < kill_at) {
            in.look_again(kill_at);
        } else if (in.take({Kind::kill, seen.name})) {
            return;
        }
    }
}

void way_down(Deciding& in) {
    TaskFacts& facts = in.facts();
    if (!none_runs(facts)) return stop_containers(in);
    for (const auto& seen : facts.containers) {
        if (seen.removed) continue;
        in.take({Kind::remove, seen.name});
        return;
    }
    if (!in.task.eni.id.empty() && !facts.network_released) {
        in.take({Kind::detach_network, ""});
        return;
    }
    facts.network_released = true;
    if (!facts.stopped_at) facts.stopped_at = in.now;
    if (!facts.storage_removed) in.take({Kind::clean_up, ""});
}

}  // namespace

const char* step_name(Step::Kind kind) {
    switch (kind) {
        case Kind::pull:
            return "pull";
        case Kind::probe:
            return "probe";
        case Kind::attach_network:
            return "attach network";
        case Kind::prepare:
            return "prepare";
        case Kind::create:
            return "create";
        case Kind::start:
            return "start";
        case Kind::restart:
            return "restart";
        case Kind::signal:
            return "signal";
        case Kind::kill:
            return "kill";
        case Kind::remove:
            return "remove";
        case Kind::detach_network:
            return "detach network";
        case Kind::clean_up:
            return "clean up";
    }
    return "";
}

std::string step_key(const Step& step) {
    std::string key = step_name(step.kind);
    if (!step.container.empty()) key += " " + step.container;
    return key;
}

link::TaskStatus observed_status(const TaskFacts& facts) {
    if (facts.stopped_at) return link::TaskStatus::STOPPED;
    if (facts.execution_stopped_at) return link::TaskStatus::DEPROVISIONING;
    if (facts.stopping_at) return link::TaskStatus::STOPPING;
    if (facts.started_at) return link::TaskStatus::RUNNING;
    return link::TaskStatus::PENDING;
}

void decide_stop(TaskFacts& facts, RealInstant now, std::string code, std::string reason) {
    if (facts.stopping_at) return;
    facts.stopping_at = now;
    facts.stop_code = std::move(code);
    facts.stop_reason = std::move(reason);
}

Decision next_step(const link::DesiredTask& task, TaskFacts facts, RealInstant now) {
    ASSERT(facts.containers.size() == task.containers.size(), "facts of another task");
    Deciding in{task, now, {std::move(facts), {}, {}}};
    if (in.facts().stopped_at && in.facts().storage_removed) return std::move(in.out);
    draw_conclusions(in);
    if (in.facts().stopping_at)
        way_down(in);
    else
        way_up(in);
    return std::move(in.out);
}

}  // namespace gantry::worker
