#include "worker/target_prober.h"

#include "worker/wait_until.h"

namespace gantry::worker {

using boost::asio::awaitable;

TargetProber::TargetProber(
    boost::asio::any_io_executor executor,
    TaskGroup& group,
    port::Clock& clock,
    port::Prober* prober,
    Seen seen
)
    : group_(group), clock_(clock), prober_(prober), seen_(std::move(seen)), wake_(executor) {}

void TargetProber::set(
    const std::map<std::string, link::TargetGroup>& groups, const std::set<std::string>& used
) {
    if (prober_ == nullptr) return;
    schedule_.set(groups, used, clock_.steady_now());
    wake_.set();
}

awaitable<void> TargetProber::run() {
    for (;;) {
        for (auto& due : schedule_.take(clock_.steady_now(), under_way_max - under_way_)) {
            ++under_way_;
            group_.spawn("probe a target", probe(std::move(due)));
        }
        std::optional<RealInstant> again;
        const auto next = schedule_.next();
        if (next && under_way_ < under_way_max)
            again = clock_.now() + std::max(*next - clock_.steady_now(), Duration{0});
        if (const auto ok = co_await wait_until(wake_, clock_, again); !ok) co_return;
    }
}

awaitable<void> TargetProber::probe(ProbeSchedule::Due due) {
    const auto outcome = co_await prober_->probe(due.probe);
    --under_way_;
    const auto report = schedule_.finished(due, outcome, clock_.steady_now());
    if (report) seen_(due.key, *report);
    wake_.set();
}

}  // namespace gantry::worker
