#include "elbv2/schema.h"

#include "elbv2/carrier.h"
#include "elbv2/listener.h"
#include "elbv2/load_balancer.h"
#include "elbv2/target.h"
#include "elbv2/target_group.h"

namespace gantry::elbv2 {

void declare(state::Schema& schema) {
    schema.add_table<CarrierRecord>();
    schema.add_table<LoadBalancerRecord>();
    schema.add_index<LoadBalancerById>();
    schema.add_index<LoadBalancerByName>();
    schema.add_index<LoadBalancersByWorker>();
    schema.add_table<ListenerRecord>();
    schema.add_index<ListenersByGroup>();
    schema.add_index<ListenersByCertificate>();
    schema.add_table<TargetGroupRecord>();
    schema.add_index<TargetGroupById>();
    schema.add_index<TargetGroupByName>();
    schema.add_table<TargetRecord>();
    schema.add_index<TargetsByGroup>();
    schema.add_index<TargetsByOwner>();
    schema.add_index<TargetByRegistration>();
}

}  // namespace gantry::elbv2
