#include "sts/session_expiry.h"

#include <algorithm>

#include "sts/session.h"

namespace gantry::sts {
namespace {

constexpr std::size_t kAtOnce = 50;

}  // namespace

void SessionExpiry::affected(const state::View& view, const state::Change& change, const KeySink& look_at)
    const {
    if (change.table == view.schema().table_of<SessionRecord>()) look_at("all");
}

void SessionExpiry::all(const state::View&, const KeySink& look_at) const { look_at("all"); }

state::Plan SessionExpiry::reconcile(const state::View& view, std::string_view, const state::Turn& turn)
    const {
    state::Plan plan;
    const auto& entries = view.database().entries(view.schema().index_of<SessionsByExpiry>());
    std::size_t erased = 0;
    for (const auto& [_, key] : entries) {
        const auto session = view.get<SessionRecord>(key);
        const RealInstant gone = session->expires + kExpiredKept;
        if (gone > turn.real_now || erased == kAtOnce) {
            plan.look_again(std::max(gone, turn.real_now));
            break;
        }
        plan.erase<SessionRecord>(key, "the session ended an hour ago");
        ++erased;
    }
    return plan;
}

}  // namespace gantry::sts
