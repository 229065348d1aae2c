#include "ecs/report_sink.h"

#include "ecs/task_report.h"
#include "ecs/worker.h"
#include "elbv2/carrier.h"

namespace gantry::ecs {

Result<void> TaskReportSink::apply(
    state::Txn& txn, const std::string& worker, const link::TaskReport& report
) {
    // A report of a task that is not here says nothing: the inventory drops such tasks.
    apply_task_report(txn, worker, report);
    return {};
}

Result<void> TaskReportSink::joined(state::Txn& txn, const link::Hello& hello) {
    if (hello.worker.empty() || hello.worker.find('/') != std::string::npos)
        return trouble(Errc::invalid, "a worker's id must not be empty nor contain a slash");
    register_worker(txn, hello, overcommit_);
    elbv2::carrier_joined(txn, hello.worker);
    return {};
}

Result<void> TaskReportSink::lost(state::Txn& txn, const std::string& worker) {
    lose_worker(txn, worker);
    elbv2::carrier_lost(txn, worker);
    return {};
}

}  // namespace gantry::ecs
