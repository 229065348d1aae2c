#include "logs/removal.h"

#include "logs/records.h"

namespace gantry::logs {

void RemovalController::affected(const state::View& view, const state::Change& change, const KeySink& look_at)
    const {
    if (const auto* removal = changed<LogRemovalRecord>(view, change, change.after);
        removal != nullptr && removal->stream_id.empty())
        look_at(removal->key());
    // Its own step, or a stream that was made while its group went.
    if (const auto* gone = changed<LogStreamRecord>(view, change, change.before);
        gone != nullptr && change.after == nullptr && view.get<LogRemovalRecord>(gone->group_uid + "/"))
        look_at(gone->group_uid + "/");
}

void RemovalController::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& removal : view.list<LogRemovalRecord>())
        if (removal->stream_id.empty()) look_at(removal->key());
}

state::Plan RemovalController::reconcile(const state::View& view, std::string_view key, const state::Turn&)
    const {
    constexpr std::size_t kStep = 90;
    state::Plan plan;
    const auto removal = view.get<LogRemovalRecord>(key);
    if (removal == nullptr) return plan;
    for (const auto& stream : view.page<LogStreamRecord>(removal->group_uid + "/", "", kStep).records)
        plan.erase<LogStreamRecord>(stream->key(), "its log group was deleted");
    return plan;
}

}  // namespace gantry::logs
