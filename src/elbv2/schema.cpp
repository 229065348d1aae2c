#include "elbv2/schema.h"

#include "elbv2/target.h"

namespace gantry::elbv2 {

void declare(state::Schema& schema) {
    schema.add_table<TargetRecord>();
    schema.add_index<TargetsByGroup>();
    schema.add_index<TargetsByOwner>();
    schema.add_index<TargetByRegistration>();
}

}  // namespace gantry::elbv2
