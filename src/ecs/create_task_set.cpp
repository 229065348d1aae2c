#include "ecs/admit_task_set.h"
#include "ecs/idempotency.h"
#include "ecs/task_set_shape.h"
#include "shapes/json.h"
#include "state/txn.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

constexpr const char* kInvalid = "InvalidParameterException";

Result<NewTaskSet> admit(const CreateTaskSetRequest& request) {
    if (request.service_registries && !request.service_registries->empty()) {
        return refuse(
            "UnsupportedFeatureException",
            "Gantry does not run services with serviceRegistries (service discovery) yet."
        );
    }
    NewTaskSet wanted;
    if (request.task_definition.empty())
        return refuse("ClientException", "TaskDefinition can not be blank.");
    wanted.task_definition = request.task_definition;
    wanted.network = request.network_configuration;
    wanted.load_balancers = request.load_balancers.value_or(std::vector<LoadBalancer>());
    wanted.launch_type = request.launch_type;
    wanted.capacity_provider_strategy = request.capacity_provider_strategy;
    wanted.platform_version = request.platform_version;
    if (request.scale) {
        TRY(wanted.scale, admit_scale(*request.scale));
    }
    wanted.external_id = request.external_id.value_or("");
    if (request.tags && !request.tags->empty()) {
        TRY(wanted.tags, admit_tags(request.tags));
    }
    return wanted;
}

}  // namespace

// ACTIVE, and of no task at first: the service controller starts them. Without a scale it has none.
Result<CreateTaskSetResponse> create_task_set(
    Txn& txn, const CreateTaskSetRequest& request, const Caller& caller
) {
    const std::string token = request.client_token.value_or("");
    if (token.size() > 64) return refuse(kInvalid, "clientToken can have at most 64 characters.");
    TRY(const auto service, find_external_service(txn, request.cluster, request.service, caller));
    CreateTaskSetResponse response;
    TokenRecord record;
    if (!token.empty()) {
        auto bare = request;
        bare.client_token.reset();
        record = {caller.scope(), "CreateTaskSet", token, fingerprint(shapes::to_json_text(bare)), {},
                  txn.now() + kTokenKept};
        const auto known = txn.get<TokenRecord>(record.key());
        if (known && txn.now() < known->expires_at) {
            if (known->fingerprint != record.fingerprint)
                return refuse(kInvalid, "Creation of task set was not idempotent.");
            if (const auto set = txn.get<TaskSetRecord>(known->tasks.front())) {
                response.task_set = task_set_shape(txn, *set, true);
                return response;
            }
        }
    }
    TRY(const auto wanted, admit(request));
    state::Plan plan;
    TRY(const auto set, make_task_set(txn, txn.turn(), *service, wanted, plan));
    txn.apply(plan);
    response.task_set = task_set_shape(txn, set, true);
    if (!token.empty()) {
        record.tasks.push_back(set.key());
        txn.put(std::move(record));
    }
    return response;
}

}  // namespace gantry::ecs
