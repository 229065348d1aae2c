#pragma once

#include <string>

#include "base/result.h"
#include "link/message.h"
#include "state/txn.h"

namespace gantry {

// Takes what workers see of load balancers' targets into the state. Each call is one transaction on the
// strand; the rules of ReportSink::apply hold here too.
class TargetReportSink {
  public:
    virtual ~TargetReportSink() = default;

    virtual Result<void> apply(
        state::Txn& txn, const std::string& worker, const link::TargetReport& report
    ) = 0;
};

}  // namespace gantry
