#include "eventbus/schema.h"

#include "eventbus/bus.h"
#include "eventbus/event.h"
#include "eventbus/rule.h"

namespace gantry::eventbus {

void declare(state::Schema& schema) {
    schema.add_table<EventBusRecord>();
    schema.add_table<RuleRecord>();
    schema.add_index<RulesListening>();
    schema.add_table<TargetRecord>();
    schema.add_index<TargetsByArn>();
    schema.add_table<EventRecord>();
}

}  // namespace gantry::eventbus
