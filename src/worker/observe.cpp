#include "worker/observe.h"

#include <algorithm>

#include "worker/health.h"
#include "worker/next_step.h"
#include "worker/stop_code.h"

namespace gantry::worker {
namespace {

using Kind = Step::Kind;
using Phase = ContainerPhase;

// A retry of the same call can only fail the same way.
bool hopeless(const Error& error) { return error.errc == Errc::refused || error.errc == Errc::invalid; }

void give_up_container(ContainerFacts& container, std::string reason, RealInstant now) {
    container.phase = Phase::exited;
    container.restart_pending = false;
    container.concluded = false;
    if (!container.finished_at) container.finished_at = now;
    container.reason = std::move(reason);
}

// "CannotStartContainerError: …", keeping the name that the port chose.
std::string worded(const char* name, const Error& error) {
    const std::string code = error.errc == Errc::refused && !error.code.empty() ? error.code : name;
    return code + ": " + error.message;
}

// Fargate says how often it asked the registry.
std::string pull_reason(const ContainerFacts& container, const Error& error) {
    Error told = error;
    if (told.message.starts_with("failed to resolve ref "))
        told.message = "pull image manifest has been retried " + std::to_string(container.pull_attempts + 1) +
                       " time(s): " + told.message;
    return worded("CannotPullContainerError", told);
}

void give_up(
    TaskFacts& facts, ContainerFacts* container, const Step& step, const Error& error, RealInstant now
) {
    switch (step.kind) {
        case Kind::pull:
            return give_up_container(*container, pull_reason(*container, error), now);
        case Kind::create:
            return give_up_container(*container, worded("CannotCreateContainerError", error), now);
        case Kind::start:
        case Kind::restart:
            return give_up_container(*container, worded("CannotStartContainerError", error), now);
        case Kind::attach_network:
            return decide_stop(
                facts, now, failed_to_start_code,
                "ResourceInitializationError: failed to configure the task's network interface: " +
                    error.message
            );
        case Kind::prepare:
            return decide_stop(
                facts, now, failed_to_start_code,
                "ResourceInitializationError: failed to prepare the task's storage: " + error.message
            );
        default:
            return;
    }
}

void pull_again_later(ContainerFacts& container, RealInstant now) {
    ++container.pull_attempts;
    container.pull_not_before = now + retry_pause(container.pull_attempts);
}

}  // namespace

Duration retry_pause(int attempts) {
    return std::min<Duration>(
        std::chrono::seconds(30), std::chrono::seconds(1) * (1 << std::min(attempts - 1, 6))
    );
}

void observe_done(TaskFacts& facts, const Step& step, RealInstant now) {
    facts.troubles.erase(step_key(step));
    ContainerFacts* container = facts.find(step.container);
    switch (step.kind) {
        case Kind::prepare:
            facts.storage_ready = true;
            return;
        case Kind::signal:
            if (!container->signalled_at) container->signalled_at = now;
            return;
        case Kind::kill:
            container->killed_at = now;
            return;
        case Kind::restart:
            if (container->restart_pending) ++container->restart_count;
            container->restart_pending = false;
            container->concluded = false;
            container->phase = Phase::running;
            container->started_at = now;
            container->finished_at.reset();
            container->exit_code.reset();
            container->reason.clear();
            container->health = {};
            return;
        case Kind::start:
            if (container->phase != Phase::created) return;
            container->phase = Phase::running;
            container->started_at = now;
            return;
        case Kind::remove:
            container->removed = true;
            return;
        case Kind::detach_network:
            facts.network_released = true;
            return;
        case Kind::clean_up:
            facts.storage_removed = true;
            return;
        case Kind::attach_network:
        case Kind::create:
        case Kind::pull:
        case Kind::probe:
            return;  // these have news of their own
    }
}

void observe_started_before(TaskFacts& facts, const std::vector<std::string>& containers, RealInstant now) {
    for (const auto& name : containers) {
        auto* container = facts.find(name);
        if (container == nullptr || container->phase != Phase::absent) continue;
        container->phase = Phase::running;
        container->started_at = now;  // the runtime knows better, if it still has the container
    }
}

void observe_attached(TaskFacts& facts, std::string network_namespace) {
    facts.network_namespace = std::move(network_namespace);
}

void observe_created(ContainerFacts& container, const port::Created& created, RealInstant now) {
    if (container.phase != Phase::absent) return;
    container.phase = Phase::created;
    container.created_at = now;
    container.stop_signal = created.stop_signal;
}

void observe_failed(TaskFacts& facts, const Step& step, const Error& error, RealInstant now) {
    ContainerFacts* container = facts.find(step.container);
    if (step.kind == Kind::pull) container->pulling = false;
    if (error.errc == Errc::cancelled) return;
    if (step.kind == Kind::pull) {
        facts.pull_stopped_at = now;
        if (container->phase != Phase::absent || facts.stopping_at) return;
        if (hopeless(error) || error.errc == Errc::not_found ||
            container->pull_attempts + 1 >= pull_attempts_max)
            return give_up(facts, container, step, error, now);
        return pull_again_later(*container, now);
    }
    // The image was removed behind our back: pull it again.
    if (step.kind == Kind::create && error.errc == Errc::not_found) {
        container->image_digest.clear();
        if (container->pull_attempts + 1 >= pull_attempts_max)
            return give_up(facts, container, step, error, now);
        return pull_again_later(*container, now);
    }
    const std::string key = step_key(step);
    Trouble& trouble = facts.troubles[key];
    ++trouble.attempts;
    trouble.message = error.message;
    trouble.not_before = now + retry_pause(trouble.attempts);
    if (never_given_up(step.kind)) return;
    if (!hopeless(error) && trouble.attempts < step_attempts_max) return;
    facts.troubles.erase(key);
    give_up(facts, container, step, error, now);
}

void observe_status(ContainerFacts& container, const port::ContainerStatus& status) {
    if (container.phase == Phase::exited || container.removed) return;
    switch (status.state) {
        case port::ContainerState::created:
            // Running only by what was reported before the facts were lost: its restart had begun.
            if (container.phase == Phase::running ? container.created_at.has_value()
                                                  : container.phase != Phase::absent)
                return;
            container.phase = Phase::created;
            container.stop_signal = status.stop_signal;
            return;
        case port::ContainerState::running:
        case port::ContainerState::paused:
            container.phase = Phase::running;
            container.stop_signal = status.stop_signal;
            if (status.started_at) container.started_at = status.started_at;
            return;
        case port::ContainerState::exited:
            container.phase = Phase::exited;
            if (status.started_at) container.started_at = status.started_at;
            if (!container.started_at) container.started_at = status.exited_at;
            container.finished_at = status.exited_at;
            container.exit_code = status.exit_code;
            if (status.oom_killed) container.reason = out_of_memory_reason;
            return;
    }
}

void observe_missing(ContainerFacts& container, RealInstant now) {
    if (container.phase == Phase::created) container.phase = Phase::absent;
    if (container.phase != Phase::running) return;
    container.phase = Phase::exited;
    container.finished_at = now;
    container.reason = "The container is gone from the machine (was it restarted?) and its exit code with it";
}

void observe_pulled(
    TaskFacts& facts, ContainerFacts& container, const port::ImageInfo& image, RealInstant now
) {
    container.pulling = false;
    container.image_digest = image.digest.empty() ? "unknown" : image.digest;
    container.image_volumes = image.volumes;
    facts.pull_stopped_at = now;
}

void observe_probed(
    const link::DesiredContainer& wanted, ContainerFacts& container, bool passed, RealInstant now
) {
    container.health.probing = false;
    const auto check = health_check(wanted);
    if (!check || container.phase != Phase::running || !container.started_at) return;
    apply_probe(*check, *container.started_at, container.health, passed, now);
}

void observe_not_probed(ContainerFacts& container, RealInstant now) {
    container.health.probing = false;
    container.health.probed_at = now;
}

}  // namespace gantry::worker
