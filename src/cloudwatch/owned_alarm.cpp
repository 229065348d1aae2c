#include "cloudwatch/owned_alarm.h"

#include "cloudwatch/alarm_history.h"

namespace gantry::cloudwatch {

void erase_alarm(
    const state::View& view, const state::Turn& turn, const std::string& key, state::Plan& plan
) {
    const auto found = view.get<AlarmRecord>(key);
    if (!found) return;
    AlarmRecord alarm = *found;
    plan.put(deletion_item(alarm, turn.now), "the alarm's deletion is kept in its history");
    plan.erase<AlarmRecord>(key, "its owner is gone");
}

}  // namespace gantry::cloudwatch
