#include "worker/probe_schedule.h"

#include <algorithm>
#include <charconv>

namespace gantry::worker {
namespace {

using link::ProbeOutcome;

int to_number(std::string_view text) {
    int value = -1;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

ProbeOutcome outcome_of(const std::string& protocol, const std::string& matcher, const port::Probed& probed) {
    using End = port::Probed::End;
    switch (probed.end) {
        case End::answered:
            if (protocol == "TCP" || matches_status(matcher, probed.status)) return ProbeOutcome::success;
            return ProbeOutcome::wrong_response;
        case End::timeout:
            return ProbeOutcome::timeout;
        case End::refused:
            return ProbeOutcome::refused;
        case End::garbage:
            return ProbeOutcome::wrong_response;
        case End::not_made:
            break;
    }
    return ProbeOutcome::none;
}

}  // namespace

bool matches_status(const std::string& matcher, int status) {
    std::string_view rest = matcher;
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        const auto part = rest.substr(0, comma);
        rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
        const auto dash = part.find('-');
        const int from = to_number(part.substr(0, dash));
        const int to = dash == std::string_view::npos ? from : to_number(part.substr(dash + 1));
        if (from <= status && status <= to) return true;
    }
    return false;
}

ProbeSchedule::Check ProbeSchedule::check_of(
    const link::TargetGroup& group, const link::BalancerTarget& target
) {
    const auto& wanted = group.health_check;
    Check check;
    check.probe.from = group.probe_from;
    check.probe.address = target.address;
    check.probe.port = std::uint16_t(wanted.port != 0 ? wanted.port : target.port);
    check.probe.protocol = wanted.protocol;
    if (wanted.protocol != "TCP") {
        check.probe.path = wanted.path.empty() ? "/" : wanted.path;
        check.matcher = wanted.matcher;
    }
    check.probe.timeout = std::chrono::seconds(std::max(wanted.timeout, 1));
    check.interval = std::chrono::seconds(std::max(wanted.interval, 1));
    check.streak_max = std::max({wanted.healthy_threshold, wanted.unhealthy_threshold, 1});
    return check;
}

void ProbeSchedule::plan(const TargetKey& key, Target& target, port::SteadyInstant at) {
    queue_.erase({target.due, key});
    target.due = at;
    if (!target.under_way) queue_.insert({at, key});
}

void ProbeSchedule::set(
    const std::map<std::string, link::TargetGroup>& groups,
    const std::set<std::string>& used,
    port::SteadyInstant now
) {
    std::set<TargetKey> wanted;
    auto first = now;
    for (const auto& [id, group] : groups) {
        if (!used.contains(id) || group.probe_from.empty() || !group.health_check.enabled) continue;
        for (const auto& registered : group.targets) {
            if (registered.state == link::TargetState::draining) continue;
            const TargetKey key{id, registered.registration};
            if (!wanted.insert(key).second) continue;
            auto check = check_of(group, registered);
            const auto known = targets_.find(key);
            if (known != targets_.end() && known->second.check == check) continue;
            auto& target = targets_[key];
            target.check = std::move(check);
            // One under way asks in the former way: what it finds does not count.
            target.under_way = false;
            plan(key, target, first);
            first = first + apart;
        }
    }
    for (auto one = targets_.begin(); one != targets_.end();) {
        if (wanted.contains(one->first)) {
            ++one;
            continue;
        }
        queue_.erase({one->second.due, one->first});
        one = targets_.erase(one);
    }
}

std::vector<ProbeSchedule::Due> ProbeSchedule::take(port::SteadyInstant now, std::size_t max) {
    std::vector<Due> out;
    while (out.size() < max && !queue_.empty() && queue_.begin()->first <= now) {
        const TargetKey key = queue_.begin()->second;
        queue_.erase(queue_.begin());
        auto& target = targets_.at(key);
        target.under_way = true;
        // From its turn, not from now: a late look moves nobody's turn. But nobody catches up on missed ones.
        target.due = target.due + target.check.interval;
        if (target.due <= now) target.due = now + target.check.interval;
        out.push_back({key, target.check.probe});
    }
    return out;
}

std::optional<port::SteadyInstant> ProbeSchedule::next() const {
    if (queue_.empty()) return std::nullopt;
    return queue_.begin()->first;
}

std::optional<link::ObservedTarget> ProbeSchedule::finished(
    const Due& probed, const port::Probed& outcome, port::SteadyInstant now
) {
    const auto found = targets_.find(probed.key);
    if (found == targets_.end()) return std::nullopt;
    auto& target = found->second;
    if (!target.under_way || target.check.probe != probed.probe) return std::nullopt;
    target.under_way = false;
    const auto seen = outcome_of(target.check.probe.protocol, target.check.matcher, outcome);
    if (seen == ProbeOutcome::none) {
        plan(probed.key, target, now + again_after);
        return std::nullopt;
    }
    plan(probed.key, target, std::max(target.due, now));
    const auto before = target.observed;
    auto& after = target.observed;
    const bool same_way = before.outcome != ProbeOutcome::none &&
                          (before.outcome == ProbeOutcome::success) == (seen == ProbeOutcome::success);
    after.outcome = seen;
    after.streak = same_way ? std::min(before.streak + 1, target.check.streak_max) : 1;
    after.http_status = seen == ProbeOutcome::wrong_response ? outcome.status : 0;
    if (after == before) return std::nullopt;
    return after;
}

link::ObservedTarget ProbeSchedule::observed(const TargetKey& key) const {
    const auto found = targets_.find(key);
    return found == targets_.end() ? link::ObservedTarget{} : found->second.observed;
}

}  // namespace gantry::worker
