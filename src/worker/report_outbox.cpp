#include "worker/report_outbox.h"

#include <algorithm>

namespace gantry::worker {

bool ReportOutbox::put(const std::string& task, std::uint64_t generation, link::ObservedTask observed) {
    auto& entry = entries_[task];
    if (entry.report.sequence != 0 && entry.report.observed == observed &&
        entry.report.generation == generation) {
        return false;
    }
    entry.report = {task, incarnation_, ++sequence_, generation, std::move(observed)};
    entry.sent_at.reset();
    entry.acknowledged = false;
    return true;
}

void ReportOutbox::acknowledge(const link::ReportAck& ack) {
    const auto found = entries_.find(ack.task);
    if (found == entries_.end() || ack.incarnation != incarnation_) return;
    if (ack.sequence >= found->second.report.sequence) found->second.acknowledged = true;
}

void ReportOutbox::forget(const std::string& task) { entries_.erase(task); }

void ReportOutbox::send_again() {
    for (auto& [task, entry] : entries_) entry.sent_at.reset();
}

std::vector<link::TaskReport> ReportOutbox::due(RealInstant now) {
    std::vector<link::TaskReport> reports;
    for (auto& [task, entry] : entries_) {
        if (entry.acknowledged || (entry.sent_at && now < *entry.sent_at + resend_after_)) continue;
        entry.sent_at = now;
        reports.push_back(entry.report);
    }
    return reports;
}

std::optional<RealInstant> ReportOutbox::next_due() const {
    std::optional<RealInstant> first;
    for (const auto& [task, entry] : entries_) {
        if (entry.acknowledged) continue;
        const RealInstant at = entry.sent_at ? *entry.sent_at + resend_after_ : RealInstant{};
        if (!first || at < *first) first = at;
    }
    return first;
}

std::size_t ReportOutbox::unacknowledged() const {
    return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), [](const auto& entry) {
        return !entry.second.acknowledged;
    }));
}

}  // namespace gantry::worker
