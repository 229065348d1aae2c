#include "scheduler/group_removal.h"

#include "scheduler/schedule.h"

namespace gantry::scheduler {

namespace {

constexpr std::size_t kAtOnce = 90;

}  // namespace

void GroupRemoval::affected(const state::View& view, const state::Change& change, const KeySink& look_at) const {
    if (changed<ScheduleGroupRecord>(view, change, change.after) != nullptr) look_at(change.key);
    if (const auto* schedule = changed<ScheduleRecord>(view, change, change.before); schedule && !change.after)
        look_at(ScheduleGroupRecord::key(schedule->scope(), schedule->group));
}

void GroupRemoval::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& group : view.list<ScheduleGroupRecord>()) look_at(group->key());
}

state::Plan GroupRemoval::reconcile(
    const state::View& view, std::string_view key, const state::Turn&
) const {
    state::Plan plan;
    const auto group = view.get<ScheduleGroupRecord>(key);
    if (!group || !group->deleting) return plan;
    const auto page = view.page<ScheduleRecord>(group->key() + "/", {}, kAtOnce);
    for (const auto& schedule : page.records) plan.erase<ScheduleRecord>(schedule->key(), "its group is deleted");
    if (!page.next_after) plan.erase<ScheduleGroupRecord>(group->key(), "none of its schedules is left");
    return plan;
}

}  // namespace gantry::scheduler
