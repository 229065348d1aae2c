#include "worker/target_outbox.h"

namespace gantry::worker {

bool TargetOutbox::put(const TargetKey& key, const link::ObservedTarget& observed) {
    const auto waiting = waiting_.find(key);
    if (waiting != waiting_.end()) {
        if (waiting->second.report.observed == observed) return false;
    } else if (const auto known = known_.find(key); known != known_.end() && known->second == observed) {
        return false;
    }
    auto& entry = waiting_[key];
    entry.report = {key.group, key.registration, incarnation_, ++sequence_, observed};
    entry.sent_at.reset();
    return true;
}

void TargetOutbox::acknowledge(const link::TargetReportAck& ack) {
    if (ack.incarnation != incarnation_) return;
    for (auto one = waiting_.begin(); one != waiting_.end(); ++one) {
        if (one->first.registration != ack.registration || ack.sequence < one->second.report.sequence) {
            continue;
        }
        known_[one->first] = one->second.report.observed;
        waiting_.erase(one);
        return;
    }
}

void TargetOutbox::keep(const std::set<TargetKey>& wanted) {
    std::erase_if(waiting_, [&](const auto& one) { return !wanted.contains(one.first); });
    std::erase_if(known_, [&](const auto& one) { return !wanted.contains(one.first); });
}

void TargetOutbox::send_again() {
    for (auto& [key, entry] : waiting_) entry.sent_at.reset();
}

std::vector<link::TargetReport> TargetOutbox::due(RealInstant now) {
    std::vector<link::TargetReport> reports;
    for (auto& [key, entry] : waiting_) {
        if (entry.sent_at && now < *entry.sent_at + resend_after_) continue;
        entry.sent_at = now;
        reports.push_back(entry.report);
    }
    return reports;
}

std::optional<RealInstant> TargetOutbox::next_due() const {
    std::optional<RealInstant> first;
    for (const auto& [key, entry] : waiting_) {
        const RealInstant at = entry.sent_at ? *entry.sent_at + resend_after_ : RealInstant{};
        if (!first || at < *first) first = at;
    }
    return first;
}

}  // namespace gantry::worker
