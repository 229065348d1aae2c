#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/instant.h"
#include "link/message.h"
#include "worker/probe_schedule.h"

namespace gantry::worker {

// The newest report of each target until the control plane has it. Pure bookkeeping; what is acknowledged
// costs nothing.
class TargetOutbox {
  public:
    TargetOutbox(std::uint64_t incarnation, Duration resend_after)
        : incarnation_(incarnation), resend_after_(resend_after) {}

    // Replaces the target's former report. False: the same is under way already or was acknowledged.
    bool put(const TargetKey& key, const link::ObservedTarget& observed);
    void acknowledge(const link::TargetReportAck& ack);
    // Only these targets are of interest still.
    void keep(const std::set<TargetKey>& wanted);
    // A new connection: everything that is not acknowledged goes out again.
    void send_again();

    std::vector<link::TargetReport> due(RealInstant now);
    std::optional<RealInstant> next_due() const;
    std::size_t unacknowledged() const { return waiting_.size(); }

  private:
    struct Entry {
        link::TargetReport report;
        std::optional<RealInstant> sent_at;
    };
    std::uint64_t incarnation_;
    Duration resend_after_;
    std::uint64_t sequence_ = 0;
    std::map<TargetKey, Entry> waiting_;
    std::map<TargetKey, link::ObservedTarget> known_;  // by the control plane
};

}  // namespace gantry::worker
