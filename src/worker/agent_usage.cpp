#include <algorithm>

#include "worker/agent.h"
#include "worker/balancing.h"
#include "worker/wait_until.h"

// What tasks use and balancers carry, told to the control plane for as long as it listens.
namespace gantry::worker {

using boost::asio::awaitable;

namespace {

bool runs(const TaskFacts& facts) {
    for (const auto& container : facts.containers)
        if (container.phase == ContainerPhase::running) return true;
    return false;
}

}  // namespace

awaitable<void> Agent::measure_usage() {
    RealInstant last = ports_.clock.now();
    for (;;) {
        // A shorter interval than before may be over already.
        while (ports_.clock.now() < last + measure_every_)
            if (const auto ok = co_await wait_until(measure_wake_, ports_.clock, last + measure_every_); !ok)
                co_return;
        last = ports_.clock.now();
        co_await measure_once();
    }
}

void Agent::measure_as_told(const link::Measure& measure) {
    measure_every_ = Duration{std::max(measure.every_ms, 100)};
    measure_wake_.set();
}

awaitable<void> Agent::measure_once() {
    std::vector<std::string> running;
    for (const auto& [id, task] : tasks_)
        if (runs(task->facts())) running.push_back(id);
    usage_.keep(running);
    link::Usage usage;
    for (const auto& id : running) {
        const auto stats = co_await ports_.runtime.task_stats(id);
        // It ended meanwhile, or the machine does not tell.
        if (!stats) continue;
        port::EniUsage interface;
        if (const auto task = tasks_.find(id); task != tasks_.end() && !task->second->desired().eni.id.empty()) {
            const std::string eni = task->second->desired().eni.id;
            if (const auto carried = co_await ports_.network.usage(eni)) interface = *carried;
        }
        if (auto used = usage_.read(id, *stats, interface)) usage.tasks.push_back(*std::move(used));
    }
    co_await balancing_->measure(usage);
    const bool nothing = usage.tasks.empty() && usage.flows.empty() && usage.clients.empty() && usage.targets.empty();
    if (nothing || !answered_) co_return;
    usage.incarnation = incarnation_;
    usage.sequence = usage_.next();
    if (!link_) co_return;
    outgoing_.push_back(link::encode_usage(usage));
    outgoing_wake_.set();
}

}  // namespace gantry::worker
