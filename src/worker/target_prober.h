#pragma once

#include <functional>

#include "base/event.h"
#include "base/task_group.h"
#include "worker/probe_schedule.h"

namespace gantry::worker {

// Probes targets as the schedule says, many at once, and tells what was seen of each.
class TargetProber {
  public:
    using Seen = std::function<void(const TargetKey& key, const link::ObservedTarget& observed)>;

    // Coroutines run in `group`; without a prober nothing is ever probed.
    TargetProber(
        boost::asio::any_io_executor executor,
        TaskGroup& group,
        port::Clock& clock,
        port::Prober* prober,
        Seen seen
    );

    // See ProbeSchedule::set().
    void set(const std::map<std::string, link::TargetGroup>& groups, const std::set<std::string>& used);
    // Until it is cancelled.
    boost::asio::awaitable<void> run();

    const ProbeSchedule& schedule() const { return schedule_; }

    // Targets that hang hold their probe until it times out; the others must not wait for them.
    static constexpr std::size_t under_way_max = 1'000;

  private:
    boost::asio::awaitable<void> probe(ProbeSchedule::Due due);

    TaskGroup& group_;
    port::Clock& clock_;
    port::Prober* prober_;
    Seen seen_;
    ProbeSchedule schedule_;
    std::size_t under_way_ = 0;
    Event wake_;
};

}  // namespace gantry::worker
