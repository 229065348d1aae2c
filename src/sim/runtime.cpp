#include "sim/runtime.h"

#include <csignal>

#include "worker/wait_until.h"

namespace gantry::sim {

Runtime::Runtime(boost::asio::any_io_executor executor, Faults& faults)
    : faults_(faults), changes_(std::move(executor)) {}

const Program& Runtime::program_of(const Container& container) const {
    static const Program endless;
    const auto found = programs_.find(container.spec.image);
    return found == programs_.end() ? endless : found->second;
}

bool Runtime::runs(const Container& container) const {
    return container.started_at && (!container.ends_at || faults_.clock().now() < *container.ends_at);
}

port::ContainerStatus Runtime::status_of(const Container& container) const {
    port::ContainerStatus status;
    status.id = container.spec.id;
    status.task = container.spec.task;
    status.image = container.spec.image;
    status.labels = container.spec.labels;
    status.started_at = container.started_at;
    if (!container.started_at) return status;
    status.state = runs(container) ? port::ContainerState::running : port::ContainerState::exited;
    if (runs(container)) {
        status.pid = 4711;
        return status;
    }
    status.exited_at = container.ends_at;
    status.exit_code = container.exit_code;
    status.oom_killed = container.out_of_memory;
    return status;
}

Result<Runtime::Container*> Runtime::find(const std::string& id) {
    const auto found = containers_.find(id);
    if (found == containers_.end()) return trouble(Errc::not_found, "no container " + id);
    return &found->second;
}

void Runtime::end(const std::string& id, int exit_code, bool out_of_memory) {
    auto& container = containers_.at(id);
    container.ends_at = faults_.clock().now();
    container.exit_code = exit_code;
    container.out_of_memory = out_of_memory;
    changed();
}

void Runtime::lose_everything() {
    containers_.clear();
    tasks_.clear();
    forget_events();
}

void Runtime::forget_events() {
    for (auto& [id, container] : containers_)
        if (container.ends_at && !runs(container)) container.end_told = true;
    everything_ = true;
    changed();
}

int Runtime::starts_of(const std::string& id) const {
    const auto found = starts_.find(id);
    return found == starts_.end() ? 0 : found->second;
}

std::vector<std::string> Runtime::ever_started() const {
    std::vector<std::string> ids;
    for (const auto& [id, times] : starts_) ids.push_back(id);
    return ids;
}

const port::ContainerSpec* Runtime::spec_of(const std::string& id) const {
    const auto found = containers_.find(id);
    return found == containers_.end() ? nullptr : &found->second.spec;
}

std::vector<std::string> Runtime::running() const {
    std::vector<std::string> ids;
    for (const auto& [id, container] : containers_)
        if (runs(container)) ids.push_back(id);
    return ids;
}

std::vector<std::string> Runtime::running_of(const std::string& task) const {
    std::vector<std::string> ids;
    for (const auto& [id, container] : containers_)
        if (container.spec.task == task && runs(container)) ids.push_back(id);
    return ids;
}

port::Runtime::Reply<> Runtime::prepare_task(port::TaskSpec spec) {
    CO_TRY_VOID(co_await faults_.before("prepare_task"));
    tasks_[spec.id] = spec;
    co_return faults_.after("prepare_task");
}

port::Runtime::Reply<> Runtime::remove_task(std::string task) {
    CO_TRY_VOID(co_await faults_.before("remove_task"));
    for (const auto& [id, container] : containers_)
        if (container.spec.task == task) co_return trouble(Errc::conflict, "the task has containers");
    tasks_.erase(task);
    co_return faults_.after("remove_task");
}

port::Runtime::Reply<std::vector<std::string>> Runtime::list_tasks() {
    CO_TRY_VOID(co_await faults_.before("list_tasks"));
    std::vector<std::string> ids;
    for (const auto& [id, task] : tasks_) ids.push_back(id);
    co_return ids;
}

port::Runtime::Reply<port::StorageUse> Runtime::storage(std::string task) {
    CO_TRY_VOID(co_await faults_.before("storage"));
    const auto found = tasks_.find(task);
    if (found == tasks_.end()) co_return trouble(Errc::not_found, "no task " + task);
    co_return port::StorageUse{1 << 20, found->second.storage_bytes};
}

port::Runtime::Reply<port::Created> Runtime::create(port::ContainerSpec spec) {
    CO_TRY_VOID(co_await faults_.before("create"));
    if (!tasks_.contains(spec.task)) co_return trouble(Errc::not_found, "no task " + spec.task);
    const std::string id = spec.id;
    const bool there = containers_.contains(id);
    Container container;
    container.spec = std::move(spec);
    if (const auto& error = program_of(container).create_error) co_return tl::unexpected(*error);
    if (!there) containers_.emplace(id, std::move(container));
    CO_TRY_VOID(faults_.after("create"));
    co_return port::Created{};
}

port::Runtime::Reply<> Runtime::start(std::string id) {
    CO_TRY_VOID(co_await faults_.before("start"));
    CO_TRY(auto* container, find(id));
    if (!container->started_at) {
        const auto& program = program_of(*container);
        if (program.start_error) co_return tl::unexpected(*program.start_error);
        container->started_at = faults_.clock().now();
        ++starts_[id];
        if (program.runs) {
            container->ends_at = *container->started_at + *program.runs;
            container->exit_code = program.out_of_memory ? 137 : program.exit_code;
            container->out_of_memory = program.out_of_memory;
        }
        changed();
    }
    co_return faults_.after("start");
}

port::Runtime::Reply<> Runtime::kill(std::string id, int signal, bool all) {
    (void)all;
    CO_TRY_VOID(co_await faults_.before("kill"));
    CO_TRY(auto* container, find(id));
    signals.emplace_back(id, signal);
    const auto& program = program_of(*container);
    if (runs(*container) && (signal == SIGKILL || !program.ignores_signals)) {
        const auto now = faults_.clock().now();
        const auto ends_at = signal == SIGKILL ? now : now + program.stops_after;
        if (!container->ends_at || ends_at < *container->ends_at) {
            container->ends_at = ends_at;
            container->exit_code = 128 + signal;
        }
        changed();
    }
    co_return faults_.after("kill");
}

port::Runtime::Reply<> Runtime::reset(std::string id) {
    CO_TRY_VOID(co_await faults_.before("reset"));
    CO_TRY(auto* container, find(id));
    if (runs(*container)) co_return trouble(Errc::conflict, "the container runs");
    container->started_at.reset();
    container->ends_at.reset();
    container->end_told = false;
    container->out_of_memory = false;
    co_return faults_.after("reset");
}

port::Runtime::Reply<> Runtime::remove(std::string id) {
    CO_TRY_VOID(co_await faults_.before("remove"));
    containers_.erase(id);
    co_return faults_.after("remove");
}

port::Runtime::Reply<port::ContainerStatus> Runtime::status(std::string id) {
    CO_TRY_VOID(co_await faults_.before("status"));
    CO_TRY(const auto* container, find(id));
    co_return status_of(*container);
}

port::Runtime::Reply<std::vector<port::ContainerStatus>> Runtime::list() {
    CO_TRY_VOID(co_await faults_.before("list"));
    std::vector<port::ContainerStatus> all;
    for (const auto& [id, container] : containers_) all.push_back(status_of(container));
    co_return all;
}

port::Runtime::Reply<port::Changes> Runtime::wait_changes() {
    for (;;) {
        port::Changes changes;
        changes.everything = std::exchange(everything_, false);
        std::optional<RealInstant> next;
        for (auto& [id, container] : containers_) {
            if (!container.ends_at || container.end_told) continue;
            if (runs(container)) {
                if (!next || *container.ends_at < *next) next = container.ends_at;
                continue;
            }
            container.end_told = true;
            changes.containers.push_back(id);
        }
        if (changes.everything || !changes.containers.empty()) co_return changes;
        const bool woken = co_await worker::wait_until(changes_, faults_.clock(), next);
        if (!woken) co_return trouble(Errc::cancelled, "the wait was cancelled");
    }
}

port::Runtime::Reply<port::ExecResult> Runtime::exec(std::string id, port::ExecSpec spec) {
    CO_TRY_VOID(co_await faults_.before("exec"));
    CO_TRY(auto* container, find(id));
    const auto program = program_of(*container);
    CO_TRY_VOID(co_await faults_.clock().sleep_for(std::min<Duration>(program.exec_takes, spec.timeout)));
    port::ExecResult result;
    result.timed_out = program.exec_takes > spec.timeout;
    result.exit_code = program.healthy ? 0 : 1;
    CO_TRY(container, find(id));
    if (!runs(*container)) co_return trouble(Errc::not_found, "the container does not run");
    co_return result;
}

port::Runtime::Reply<port::Stats> Runtime::stats(std::string id) {
    CO_TRY(const auto* container, find(id));
    port::Stats stats;
    stats.read_at = faults_.clock().now();
    if (container->started_at)
        stats.cpu_ns = static_cast<std::uint64_t>((stats.read_at - *container->started_at).count()) * 1'000;
    stats.memory_bytes = 10 << 20;
    stats.memory_limit_bytes = static_cast<std::uint64_t>(container->spec.limits.memory_bytes);
    stats.pids = 1;
    co_return stats;
}

port::Runtime::Reply<port::Stats> Runtime::task_stats(std::string task) {
    if (!tasks_.contains(task)) co_return trouble(Errc::not_found, "no task " + task);
    port::Stats stats;
    stats.read_at = faults_.clock().now();
    co_return stats;
}

port::Runtime::Reply<> Runtime::update_limits(std::string id, port::Limits limits) {
    CO_TRY(auto* container, find(id));
    container->spec.limits = limits;
    co_return Result<>{};
}

}  // namespace gantry::sim
