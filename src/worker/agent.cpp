#include "worker/agent.h"

#include <algorithm>
#include <set>

#include "base/log.h"
#include "worker/balancing.h"
#include "worker/observe.h"
#include "worker/wait_until.h"

namespace gantry::worker {

using boost::asio::awaitable;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct Identity {
    std::string worker_id;
    std::uint64_t incarnation = 0;
};
BOOST_DESCRIBE_STRUCT(Identity, (), (worker_id, incarnation))

constexpr milliseconds policy_poll{5};
constexpr seconds policy_patience{5};
constexpr milliseconds traffic_poll{20};
// A task must be stoppable on a machine whose network cannot be changed.
constexpr seconds traffic_patience{60};

}  // namespace

Agent::Agent(boost::asio::any_io_executor executor, AgentPorts ports, AgentOptions options)
    : ports_(ports),
      options_(std::move(options)),
      outgoing_wake_(executor),
      reports_wake_(executor),
      network_wake_(executor),
      leftovers_wake_(executor),
      measure_wake_(executor),
      group_(executor),
      shared_{
          executor,
          ports_,
          options_,
          group_,
          Turnstile(executor, options_.starts_in_flight),
          Turnstile(executor, options_.pulls_in_flight),
          [this](const std::string& task) { task_changed(task); },
          [this](const AgentTask& task) { balancing_->task_seen(task.desired(), task.facts()); },
          [this] { return wait_for_policy(); },
          [this](const AgentTask& task) { return wait_out_of_traffic(task); }
      } {
    balancing_ = std::make_unique<Balancing>(
        executor, ports_, [this] { policy_changed(); }, [this] { reports_wake_.set(); }
    );
}

Agent::~Agent() = default;

awaitable<Result<>> Agent::start() {
    CO_TRY(auto kept, co_await ports_.disk.load());
    Identity identity;
    if (const auto found = kept.find("identity"); found != kept.end()) {
        CO_TRY(identity, decode_text<Identity>(found->second));
    }
    // Grows also when the disk was lost: then the wall clock sees to it.
    incarnation_ =
        std::max<std::uint64_t>(identity.incarnation + 1, static_cast<std::uint64_t>(ports_.clock.now().ms));
    identity.incarnation = incarnation_;
    if (!options_.worker_id.empty()) identity.worker_id = options_.worker_id;
    options_.worker_id = identity.worker_id;
    CO_TRY_VOID(co_await ports_.disk.put("identity", encode_text(identity)));
    outbox_ = std::make_unique<ReportOutbox>(incarnation_, options_.report_again_after);
    balancing_->start(incarnation_, options_.report_again_after);

    for (const auto& [name, text] : kept) {
        if (!name.starts_with("want:")) continue;
        const auto colon = name.find(':', 5);
        auto object = decode_text<DesiredObject>(text);
        if (!object || colon == std::string::npos) {
            log::error("cannot read what the worker kept", {{"name", name}});
            continue;
        }
        desired_.restore(name.substr(5, colon - 5), name.substr(colon + 1), *std::move(object));
    }
    // Not worth failing for: the runtime may be away for a moment.
    if (const auto found = co_await ports_.runtime.list())
        for (const auto& container : *found) found_tasks_.insert(container.task);
    for (const char* kind : {"vpc", "eni", "security_group", "load_balancer", "target_group"})
        for (const auto& [key, object] : desired_.of(kind)) learn_network(kind, key, &object);
    for (const auto& [id, object] : desired_.of("task")) {
        const auto text = kept.find("facts:" + id);
        auto facts = text == kept.end() ? trouble(Errc::not_found, "") : decode_text<TaskFacts>(text->second);
        begin_task(id, object, facts ? &*facts : nullptr);
    }
    for (const auto& [name, text] : kept)
        if (name.starts_with("facts:") && !tasks_.contains(name.substr(6)))
            (void)co_await ports_.disk.erase(name);

    group_.spawn("watch the runtime", watch_runtime());
    group_.spawn("keep the network policy", keep_policy());
    group_.spawn("remove leftovers", remove_leftovers());
    group_.spawn("write to the control plane", write_out());
    group_.spawn("send reports", send_reports());
    group_.spawn("heartbeat", beat());
    group_.spawn("measure usage", measure_usage());
    group_.spawn("control plane connection", keep_connected());
    co_return Result<>{};
}

awaitable<void> Agent::stop() {
    if (link_) link_->close();
    co_await group_.stop();
    co_await balancing_->stop();
    link_.reset();
}

const AgentTask* Agent::task_by_address(const std::string& address) const {
    const AgentTask* found = nullptr;
    for (const auto& [id, task] : tasks_) {
        if (task->desired().eni.address != address) continue;
        // An address may have a new owner while the old one's end is not acknowledged yet.
        if (found == nullptr || found->facts().stopped_at) found = task.get();
    }
    return found;
}

awaitable<void> Agent::watch_runtime() {
    int failures = 0;
    for (;;) {
        const auto changes = co_await ports_.runtime.wait_changes();
        if (!changes) {
            if (changes.error().errc == Errc::cancelled) co_return;
            log::warn("the container runtime does not answer", {{"why", changes.error()}});
            if (const auto ok = co_await ports_.clock.sleep_for(retry_pause(++failures)); !ok) co_return;
            for (const auto& [id, task] : tasks_) task->look_at_all();
            continue;
        }
        failures = 0;
        for (const auto& [id, task] : tasks_) {
            if (changes->everything) {
                task->look_at_all();
                continue;
            }
            for (const auto& container : changes->containers)
                if (container.starts_with(id)) task->look_at(container);
        }
    }
}

// Nothing is applied before something is known: an empty policy would cut off what runs.
awaitable<void> Agent::keep_policy() {
    int failures = 0;
    std::optional<RealInstant> look_again;
    for (;;) {
        const bool look = look_again && *look_again <= ports_.clock.now();
        if (network_applied_ == network_version_ && !look) {
            if (const auto ok = co_await wait_until(network_wake_, ports_.clock, look_again); !ok) co_return;
            continue;
        }
        const auto version = network_version_;
        auto state = network_state(network_);
        co_await balancing_->add_to(state);
        const auto applied = co_await ports_.network.apply(std::move(state));
        if (applied) {
            failures = 0;
            applied_ = *applied;
            network_applied_ = version;
            balancing_->in_force();
            look_again.reset();
            if (const auto pause = balancing_->look_again()) look_again = ports_.clock.now() + *pause;
            continue;
        }
        if (applied.error().errc == Errc::cancelled) co_return;
        log::error("the network policy could not be applied", {{"why", applied.error()}});
        const auto again = ports_.clock.now() + retry_pause(++failures);
        if (const auto ok = co_await wait_until(network_wake_, ports_.clock, again); !ok) co_return;
    }
}

// A task's ENI and groups are told before the task: what is known now is enough for it.
awaitable<void> Agent::wait_for_policy() {
    const auto version = network_version_;
    const auto deadline = ports_.clock.now() + policy_patience;
    while (network_applied_ < version && ports_.clock.now() < deadline)
        if (const auto ok = co_await ports_.clock.sleep_for(policy_poll); !ok) co_return;
}

// The control plane lets a task be stopped when it is out of its target groups. This worker may hear of both at once,
// having been away for longer than the drain.
awaitable<void> Agent::wait_out_of_traffic(const AgentTask& task) {
    const auto& desired = task.desired();
    const auto deadline = ports_.clock.now() + traffic_patience;
    while (balancing_->sends_to(desired.eni.address, desired.target_groups)) {
        if (ports_.clock.now() >= deadline) {
            log::warn("a task is stopped while load balancers may send to it", {{"task", desired.id}});
            co_return;
        }
        if (const auto ok = co_await ports_.clock.sleep_for(traffic_poll); !ok) co_return;
    }
}

awaitable<void> Agent::remove_leftovers() {
    for (;;) {
        const auto woken = co_await leftovers_wake_.wait();
        if (!woken) co_return;
        co_await remove_leftover_tasks();
        co_await remove_leftover_interfaces();
    }
}

awaitable<void> Agent::remove_leftover_tasks() {
    const auto containers = co_await ports_.runtime.list();
    const auto tasks = co_await ports_.runtime.list_tasks();
    if (!containers || !tasks) co_return;
    for (const auto& container : *containers) {
        if (tasks_.contains(container.task)) continue;
        log::warn("removing a container that nobody owns", {{"container", container.id}});
        if (const auto removed = co_await ports_.runtime.remove(container.id); !removed) co_return;
        ports_.output.ended(container.id);
    }
    for (const auto& task : *tasks) {
        if (tasks_.contains(task)) continue;
        log::warn("removing what is left of a task that nobody owns", {{"task", task}});
        (void)co_await ports_.runtime.remove_task(task);
        (void)co_await ports_.disk.remove_files(task);
    }
    co_await remove_leftover_files();
}

// Of tasks that even the runtime knows no more: a worker was killed while it removed them, or the machine was
// restarted.
awaitable<void> Agent::remove_leftover_files() {
    if (const auto tasks = co_await ports_.disk.list_files())
        for (const auto& task : *tasks)
            if (!tasks_.contains(task)) (void)co_await ports_.disk.remove_files(task);
    if (const auto outputs = co_await ports_.output.list())
        for (const auto& container : *outputs)
            if (!tasks_.contains(container.substr(0, container.rfind('-')))) ports_.output.ended(container);
}

awaitable<void> Agent::remove_leftover_interfaces() {
    const auto found = co_await ports_.network.list();
    if (!found) co_return;
    std::set<std::string> owned;
    for (const auto& [id, task] : tasks_) owned.insert(task->desired().eni.id);
    for (const auto& eni : *found) {
        if (owned.contains(eni.id)) continue;
        log::warn("removing a network interface that nobody owns", {{"eni", eni.id}});
        (void)co_await ports_.network.detach(eni.id);
    }
}

}  // namespace gantry::worker
