#include "ecs/event.h"

namespace gantry::ecs {

TaskChangeRecord note_change(TaskRecord& task, PolicyInstant now) {
    ++task.version;
    TaskChangeRecord change;
    change.task = task.key();
    change.version = task.version;
    change.at = now;
    change.last_status = task.last_status;
    change.desired_status = task.desired_status;
    change.stop_code = task.stop_code;
    change.stopped_reason = task.stopped_reason;
    return change;
}

}  // namespace gantry::ecs
