#include "events/schema.h"

#include "events/delivery.h"
#include "events/router.h"
#include "events/rule_schedule.h"
#include "events/task_delivery.h"

namespace gantry::events {

void declare(state::Schema& schema) {
    schema.add_table<TaskDeliveryRecord>();
    schema.add_table<LogDeliveryRecord>();
    schema.add_table<RuleRunRecord>();
}

std::vector<std::shared_ptr<const Controller>> controllers() {
    return {std::make_shared<Router>(), std::make_shared<RuleSchedule>(), std::make_shared<TaskDelivery>()};
}

}  // namespace gantry::events
