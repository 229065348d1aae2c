#pragma once

#include "operation/report_sink.h"

namespace gantry::ecs {

// Takes workers' reports into tasks' records. overcommit: the operator lets workers take more tasks than they
// have room for.
class TaskReportSink : public ReportSink {
  public:
    explicit TaskReportSink(bool overcommit) : overcommit_(overcommit) {}

    Result<void> apply(state::Txn& txn, const std::string& worker, const link::TaskReport& report) override;
    Result<void> joined(state::Txn& txn, const link::Hello& hello) override;
    Result<void> lost(state::Txn& txn, const std::string& worker) override;

  private:
    bool overcommit_;
};

}  // namespace gantry::ecs
