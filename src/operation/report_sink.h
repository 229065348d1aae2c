#pragma once

#include <string>

#include "base/result.h"
#include "link/message.h"
#include "state/txn.h"

namespace gantry {

// Takes what workers tell into the state. Each call is one transaction on the strand; an error undoes it, is
// logged, and the report is acknowledged all the same (it would not get better by being repeated).
//
// The session has checked that the message is of the worker's present incarnation. It may still be a repeated
// one, or older than one that was applied before a restart of the control plane: the sink compares
// (incarnation, sequence) with what it has stored and ignores what is not newer. Statuses never go backwards.
class ReportSink {
  public:
    virtual ~ReportSink() = default;

    virtual Result<void> apply(
        state::Txn& txn, const std::string& worker, const link::TaskReport& report
    ) = 0;

    // A worker said Hello (again): register it, with what its machine has.
    virtual Result<void> joined(state::Txn& txn, const link::Hello& hello) = 0;
    // Nothing was heard of it for long (real time). Its containers may still run; it may come back.
    virtual Result<void> lost(state::Txn& txn, const std::string& worker) = 0;
};

}  // namespace gantry
