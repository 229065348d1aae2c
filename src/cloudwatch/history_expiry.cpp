#include "cloudwatch/history_expiry.h"

#include "cloudwatch/alarm_history.h"

namespace gantry::cloudwatch {
namespace {

constexpr std::size_t at_once = 50;

}  // namespace

void HistoryExpiry::affected(const state::View& view, const state::Change& change, const KeySink& look_at)
    const {
    if (change.table == view.schema().table_of<AlarmHistoryRecord>()) look_at("all");
}

void HistoryExpiry::all(const state::View&, const KeySink& look_at) const { look_at("all"); }

state::Plan HistoryExpiry::reconcile(const state::View& view, std::string_view, const state::Turn& turn)
    const {
    state::Plan plan;
    std::size_t erased = 0;
    for (const auto& [_, key] : view.database().entries(view.schema().index_of<AlarmHistoryByTime>())) {
        const PolicyInstant gone = view.get<AlarmHistoryRecord>(key)->at + kHistoryKept;
        if (gone > turn.now) {
            plan.look_again(gone);
            break;
        }
        // The writes themselves bring it back here.
        if (erased++ == at_once) break;
        plan.erase<AlarmHistoryRecord>(key, "older than alarm history is kept");
    }
    return plan;
}

}  // namespace gantry::cloudwatch
