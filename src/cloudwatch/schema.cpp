#include "cloudwatch/schema.h"

#include "cloudwatch/alarm.h"
#include "cloudwatch/alarm_history.h"

namespace gantry::cloudwatch {

void declare(state::Schema& schema) {
    schema.add_table<AlarmRecord>();
    schema.add_index<AlarmByArn>();
    schema.add_index<AlarmsByAction>();
    schema.add_table<AlarmHistoryRecord>();
    schema.add_index<AlarmHistoryByAlarm>();
    schema.add_index<AlarmHistoryByTime>();
}

}  // namespace gantry::cloudwatch
