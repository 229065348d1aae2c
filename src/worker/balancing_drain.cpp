#include <algorithm>

#include "base/log.h"
#include "worker/balancing.h"
#include "worker/wait_until.h"

// Flows to targets that shall get no new ones: watched until they end, or ended.
namespace gantry::worker {
namespace {

using boost::asio::awaitable;

constexpr Duration poll{500};
// A connection that was let in by the former policy may not count as open yet.
constexpr Duration settle{500};
constexpr int endings_tried = 5;

std::string kernel_protocol(const link::TargetGroup& group) {
    if (group.protocol == "TCP_UDP") return "";
    return group.protocol == "UDP" ? "udp" : "tcp";
}

void append_ends(std::vector<port::FlowEnd>& ends, const port::FlowEnd& end) {
    for (const char* protocol : {"tcp", "udp"})
        if (end.protocol.empty() || end.protocol == protocol)
            ends.push_back({end.address, end.port, protocol});
}

bool is_on(const link::TargetGroup& group, const std::string& attribute) {
    const auto found = group.attributes.find(attribute);
    return found != group.attributes.end() && found->second == "true";
}

}  // namespace

void Balancing::find_drains() {
    std::map<TargetKey, Drain> drains;
    for (const auto& [id, group] : in_force_.groups) {
        const bool application = is_application(group);
        // The proxy may still send it new requests.
        if (application && ports_.http_balancer != nullptr && !http_applied_) continue;
        for (const auto& target : group.targets) {
            if (target.state != link::TargetState::draining) continue;
            const TargetKey key{id, target.registration};
            if (const auto known = drains_.find(key); known != drains_.end()) {
                drains[key] = known->second;
                continue;
            }
            port::FlowEnd end{target.address, std::uint16_t(target.port), kernel_protocol(group)};
            drains[key] = {std::move(end), application, ports_.clock.steady_now() + settle, false};
        }
    }
    drains_ = std::move(drains);
    drains_wake_.set();
}

awaitable<void> Balancing::watch_drains() {
    for (;;) {
        std::optional<RealInstant> again;
        const auto now = ports_.clock.steady_now();
        for (const auto& [key, drain] : drains_) {
            if (drain.done) continue;
            const auto at = ports_.clock.now() + std::max(drain.not_before - now, Duration{0});
            if (!again || at < *again) again = at;
        }
        if (again && *again <= ports_.clock.now()) {
            co_await look_at_drains();
            continue;
        }
        if (const auto ok = co_await wait_until(drains_wake_, ports_.clock, again); !ok) co_return;
    }
}

// One look at the kernel's table and one at the proxy for all.
awaitable<void> Balancing::look_at_drains() {
    const auto now = ports_.clock.steady_now();
    std::map<TargetKey, std::uint64_t> open;
    std::vector<TargetKey> asked;
    std::vector<port::FlowEnd> ends;
    bool application = false;
    for (auto& [key, drain] : drains_) {
        if (drain.done || now < drain.not_before) continue;
        drain.not_before = now + poll;
        open[key] = 0;
        if (drain.application) {
            application = true;
            continue;
        }
        append_ends(ends, drain.end);
        asked.resize(ends.size(), key);
    }
    bool kernel_known = ends.empty();
    if (!kernel_known) {
        const auto flows = co_await ports_.network.balanced_flows(std::move(ends));
        kernel_known = flows && flows->size() == asked.size();
        if (kernel_known)
            for (std::size_t i = 0; i < asked.size(); ++i) open[asked[i]] += std::uint64_t((*flows)[i]);
        else if (!flows)
            log::warn("open flows cannot be counted", {{"why", flows.error()}});
    }
    // Without a proxy there is no session.
    bool proxy_known = true;
    if (application && ports_.http_balancer != nullptr) {
        const auto use = co_await ports_.http_balancer->use();
        proxy_known = use.has_value();
        if (!use) log::warn("open sessions cannot be counted", {{"why", use.error()}});
        for (const auto& [key, drain] : drains_) {
            if (!use || !drain.application || !open.contains(key)) continue;
            for (const auto& one : *use)
                if (one.group == key.group && one.address == drain.end.address && one.port == drain.end.port)
                    open[key] += one.open_sessions;
        }
    }
    for (auto& [key, drain] : drains_) {
        const auto count = open.find(key);
        if (count == open.end() || count->second > 0) continue;
        if (!(drain.application ? proxy_known : kernel_known)) continue;
        drain.done = true;
        link::ObservedTarget observed;
        observed.drained = true;
        if (outbox_->put(key, observed)) reported_();
    }
}

// Flows that AWS or their target's end cuts: to a target that died here; to one that turned unhealthy; to one
// whose deregistration is over. The last two where the group's attributes say so.
void Balancing::find_endings(const BalancerObjects& before) {
    for (const auto& [id, group] : in_force_.groups) {
        const auto former = before.groups.find(id);
        std::map<std::string, const link::BalancerTarget*> registered;
        if (former != before.groups.end())
            for (const auto& target : former->second.targets) registered[target.registration] = &target;
        // With all of them unhealthy they serve on.
        const bool cuts_unhealthy =
            is_on(group, "target_health_state.unhealthy.connection_termination.enabled") &&
            std::any_of(group.targets.begin(), group.targets.end(), [](const auto& target) {
                return target.state == link::TargetState::healthy;
            });
        for (const auto& target : group.targets) {
            const auto known = registered.extract(target.registration);
            const bool dead = in_force_.is_dead(target.address, target.port);
            if (dead && !before.is_dead(target.address, target.port)) end_flows(group, target);
            if (known.empty() || !cuts_unhealthy || is_application(group)) continue;
            if (known.mapped()->state == link::TargetState::healthy &&
                target.state == link::TargetState::unhealthy)
                end_flows(group, target);
        }
        if (!is_on(group, "deregistration_delay.connection_termination.enabled")) continue;
        for (const auto& [registration, target] : registered)
            if (target->state == link::TargetState::draining) end_flows(group, *target);
    }
}

void Balancing::end_flows(const link::TargetGroup& group, const link::BalancerTarget& target) {
    Ending ending{
        group.id,
        {target.address, std::uint16_t(target.port), kernel_protocol(group)},
        is_application(group),
        0
    };
    endings_.push_back(std::move(ending));
    endings_wake_.set();
}

awaitable<void> Balancing::end_all() {
    for (;;) {
        std::deque<Ending> failed;
        while (!endings_.empty()) {
            auto ending = std::move(endings_.front());
            endings_.pop_front();
            const auto ended = co_await end_one(ending);
            if (ended) continue;
            log::warn(
                "flows to a target could not be ended", {{"target", ending.end.address}, {"why", ended.error()}}
            );
            if (++ending.attempts < endings_tried) failed.push_back(std::move(ending));
        }
        std::optional<RealInstant> again;
        if (!failed.empty()) again = ports_.clock.now() + poll;
        if (const auto ok = co_await wait_until(endings_wake_, ports_.clock, again); !ok) co_return;
        for (auto& one : failed) endings_.push_back(std::move(one));
    }
}

awaitable<Result<>> Balancing::end_one(Ending ending) {
    if (ending.application) {
        if (ports_.http_balancer == nullptr) co_return Result<>{};
        co_return co_await ports_.http_balancer->shut(ending.group, ending.end.address, ending.end.port);
    }
    std::vector<port::FlowEnd> ends;
    append_ends(ends, ending.end);
    for (const auto& end : ends) CO_TRY_VOID(co_await ports_.network.reset_flows(end));
    co_return Result<>{};
}

}  // namespace gantry::worker
