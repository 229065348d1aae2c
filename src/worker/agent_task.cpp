#include "worker/agent_task.h"

#include "base/assertion.h"
#include "base/log.h"
#include "worker/next_step.h"
#include "worker/observe.h"
#include "worker/wait_until.h"

namespace gantry::worker {

namespace asio = boost::asio;
using asio::awaitable;

AgentTask::AgentTask(
    AgentShared& shared, link::DesiredTask desired, std::uint64_t generation, TaskFacts facts
)
    : shared_(shared),
      desired_(std::move(desired)),
      generation_(generation),
      facts_(std::move(facts)),
      wake_(shared.executor) {}

awaitable<void> AgentTask::run() {
    const auto self = shared_from_this();
    auto& clock = shared_.ports.clock;
    if (!outputs_open_) co_await open_outputs();
    for (;;) {
        co_await look();
        shared_.seen(*this);
        auto decision = next_step(desired_, facts_, clock.now());
        facts_ = std::move(decision.facts);
        Step const* foreground = nullptr;
        for (const auto& step : decision.steps) {
            if (in_background(step.kind))
                shared_.group.spawn(step_key(step), perform_in_background(self, step));
            else
                foreground = &step;
        }
        if (foreground != nullptr) {
            co_await perform(*foreground);
            co_await save();
            continue;
        }
        co_await save();
        if (ended() && dropped_) break;
        // The runtime did not answer, or the disk did not take the facts.
        if (!look_at_.empty() || facts_ != saved_) {
            const RealInstant soon = clock.now() + std::chrono::seconds(1);
            if (!decision.again || soon < *decision.again) decision.again = soon;
        }
        if (const auto ok = co_await wait_until(wake_, clock, decision.again); !ok) co_return;
    }
    for (const auto& container : facts_.containers) {
        const auto shipped = co_await shared_.ports.output.shipped(container.id);
        if (!shipped) co_return;
    }
    over_ = true;
    shared_.changed(desired_.id);
}

void AgentTask::find_again() {
    outputs_open_ = false;
    look_at_all();
}

void AgentTask::adopt() {
    find_again();
    if (facts_.stopping_at) return;
    // Attaching and preparing what is there already is cheap and changes nothing.
    facts_.network_namespace.clear();
    facts_.storage_ready = false;
}

void AgentTask::want(link::DesiredTask desired, std::uint64_t generation) {
    generation_ = generation;
    desired_.tags = std::move(desired.tags);
    desired_.service = std::move(desired.service);
    if (desired.desired_status == link::TaskStatus::STOPPED) {
        desired_.desired_status = desired.desired_status;
        desired_.stop_code = std::move(desired.stop_code);
        desired_.stop_reason = std::move(desired.stop_reason);
    }
    wake_.set();
}

void AgentTask::drop() {
    dropped_ = true;
    if (desired_.desired_status != link::TaskStatus::STOPPED) {
        desired_.desired_status = link::TaskStatus::STOPPED;
        desired_.stop_reason = "The control plane no longer knows this task";
    }
    wake_.set();
}

void AgentTask::look_at(const std::string& container_id) {
    for (const auto& container : facts_.containers)
        if (container.id == container_id) look_at_.insert(container.name);
    wake_.set();
}

void AgentTask::look_at_all() {
    for (const auto& container : facts_.containers) look_at_.insert(container.name);
    wake_.set();
}

awaitable<void> AgentTask::look() {
    const auto names = std::exchange(look_at_, {});
    for (const auto& name : names) {
        const auto seen = co_await look_at_one(name);
        if (!seen && seen.error().errc != Errc::not_found) look_at_.insert(name);
    }
}

awaitable<Result<>> AgentTask::look_at_one(std::string name) {
    if (at(name).removed) co_return Result<>{};
    const auto status = co_await shared_.ports.runtime.status(at(name).id);
    if (status) {
        observe_status(at(name), *status);
        co_return Result<>{};
    }
    if (status.error().errc != Errc::not_found) co_return tl::unexpected(status.error());
    observe_missing(at(name), shared_.ports.clock.now());
    // It is not made again, so nothing writes there any more.
    if (at(name).phase == ContainerPhase::exited) shared_.ports.output.ended(at(name).id);
    co_return Result<>{};
}

awaitable<void> AgentTask::save() {
    if (facts_ == saved_) co_return;
    auto facts = facts_;
    const auto kept = co_await shared_.ports.disk.put("facts:" + desired_.id, encode_text(facts));
    if (kept)
        saved_ = std::move(facts);
    else
        log::error("could not keep a task's facts", {{"task", desired_.id}, {"why", kept.error()}});
    shared_.changed(desired_.id);
}

awaitable<void> AgentTask::perform(Step step) {
    const RealInstant began = shared_.ports.clock.now();
    const auto done = co_await do_step(step);
    const RealInstant now = shared_.ports.clock.now();
    if (done) {
        if (log::enabled(log::Level::debug)) {
            const auto took = now - began;
            log::debug("a step is done", {{"task", desired_.id}, {"step", step_key(step)}, {"ms", took.count()}});
        }
        observe_done(facts_, step, now);
        co_return;
    }
    log::info("a step failed", {{"task", desired_.id}, {"step", step_key(step)}, {"why", done.error()}});
    observe_failed(facts_, step, done.error(), now);
    // It may have worked all the same.
    if (!step.container.empty()) look_at_.insert(step.container);
}

awaitable<void> AgentTask::perform_in_background(std::shared_ptr<AgentTask> self, Step step) {
    if (step.kind == Step::Kind::pull)
        co_await pull(step.container);
    else
        co_await probe(step.container);
    self->wake_.set();
}

const link::DesiredContainer& AgentTask::wanted(const std::string& name) const {
    for (const auto& container : desired_.containers)
        if (container.name == name) return container;
    ASSERT(false, "a step for a container that the task does not have");
    __builtin_unreachable();
}

ContainerFacts& AgentTask::at(const std::string& name) {
    auto* container = facts_.find(name);
    ASSERT(container != nullptr, "a step for a container that the facts do not have");
    return *container;
}

}  // namespace gantry::worker
