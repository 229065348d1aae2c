#include "elbv2/report_sink.h"

#include <tuple>

#include "elbv2/usage.h"

namespace gantry::elbv2 {

Result<void> TargetReports::apply(
    state::Txn& txn, const std::string& worker, const link::TargetReport& report
) {
    const auto known = txn.find_one<TargetByRegistration>(report.registration);
    if (!known || id_in(known->group) != report.group || !in_use(txn, *known)) return {};
    if (balancer_of(txn, known->group)->worker != worker) return {};
    // Sequences of different workers do not compare.
    if (known->report_worker == worker && std::tie(report.incarnation, report.sequence) <=
                                              std::tie(known->report_incarnation, known->report_sequence)) {
        return {};
    }
    TargetRecord target = *known;
    target.report_worker = worker;
    target.report_incarnation = report.incarnation;
    target.report_sequence = report.sequence;
    target.observed = report.observed;
    txn.put(std::move(target));
    return {};
}

}  // namespace gantry::elbv2
