#include "scheduler/schema.h"

#include "scheduler/group_removal.h"
#include "scheduler/schedule.h"
#include "scheduler/schedule_runs.h"

namespace gantry::scheduler {

void declare(state::Schema& schema) {
    schema.add_table<ScheduleGroupRecord>();
    schema.add_table<ScheduleRecord>();
}

std::vector<std::shared_ptr<const Controller>> controllers() {
    return {std::make_shared<ScheduleRuns>(), std::make_shared<GroupRemoval>()};
}

}  // namespace gantry::scheduler
