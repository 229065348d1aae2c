#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "link/message.h"

namespace gantry::worker {

// The newest report of each task until the control plane has it. Pure bookkeeping.
class ReportOutbox {
  public:
    ReportOutbox(std::uint64_t incarnation, Duration resend_after)
        : incarnation_(incarnation), resend_after_(resend_after) {}

    // Replaces the task's former report; an equal one changes nothing. Whether there is something to send.
    bool put(const std::string& task, std::uint64_t generation, link::ObservedTask observed);
    void acknowledge(const link::ReportAck& ack);
    void forget(const std::string& task);
    // A new connection: everything that is not acknowledged goes out again.
    void send_again();

    // What is to be sent now: never sent, or sent `resend_after` ago without an acknowledgement.
    std::vector<link::TaskReport> due(RealInstant now);
    std::optional<RealInstant> next_due() const;
    std::size_t unacknowledged() const;

  private:
    struct Entry {
        link::TaskReport report;
        std::optional<RealInstant> sent_at;
        bool acknowledged = false;
    };
    std::uint64_t incarnation_;
    Duration resend_after_;
    std::uint64_t sequence_ = 0;
    std::map<std::string, Entry> entries_;
};

}  // namespace gantry::worker
