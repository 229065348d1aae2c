#include "iam/seed.h"

#include "iam/service_linked_role.h"

namespace gantry::iam {
namespace {

void put_seeded(state::Txn& txn, RoleRecord role) {
    role.id = seeded_unique_id("AROA", role.account, role.name);
    role.created = txn.now();
    if (!txn.get<RoleRecord>(role.key())) txn.put(std::move(role));
}

}  // namespace

void seed(state::Txn& txn, const Caller& caller) {
    if (txn.get<SeededRecord>(caller.account)) return;
    txn.put(SeededRecord{caller.account});
    for (const char* principal :
         {"ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com",
          "elasticloadbalancing.amazonaws.com"}) {
        put_seeded(txn, build_linked_role(*find_linked_service(principal), caller.account));
    }
    RoleRecord execution;
    execution.account = caller.account;
    execution.name = "ecsTaskExecutionRole";
    execution.trust_document = service_trust_document("ecs-tasks.amazonaws.com");
    execution.attached_policies = {
        arn_of("aws", "policy", "/service-role/", "AmazonECSTaskExecutionRolePolicy")
    };
    put_seeded(txn, std::move(execution));
}

}  // namespace gantry::iam
