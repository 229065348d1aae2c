#pragma once

#include "operation/target_report_sink.h"

namespace gantry::elbv2 {

// Keeps the newest report of each registration; what follows from it is TargetController's to decide. Reports of
// a worker that does not carry the group's balancer (any more), or of a registration that is gone, say nothing.
class TargetReports : public TargetReportSink {
  public:
    Result<void> apply(
        state::Txn& txn, const std::string& worker, const link::TargetReport& report
    ) override;
};

}  // namespace gantry::elbv2
