#include "logs/records.h"

namespace gantry::logs {

void declare(state::Schema& schema) {
    schema.add_table<LogGroupRecord>();
    schema.add_index<LogGroupsWithRetention>();
    schema.add_table<LogStreamRecord>();
    schema.add_table<LogRemovalRecord>();
}

}  // namespace gantry::logs
