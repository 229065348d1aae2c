#include <set>

#include "eventbus/find_rule.h"
#include "eventbus/input_transformer.h"
#include "eventbus/page.h"
#include "eventbus/target_arn.h"
#include "state/txn.h"

namespace gantry::eventbus {

using namespace shapes::events;
using state::Txn;

namespace {

constexpr std::size_t targets_most = 5;  // of a rule

Result<void> admit_target(const Target& target, const Caller& caller) {
    const auto place = parse_target_arn(target.arn);
    if (!place) {
        return refuse(
            kInvalid,
            "Parameter " + target.arn + " is not valid. Reason: Provided Arn is not in correct format."
        );
    }
    if (place->kind == TargetPlace::Kind::other) {
        return refuse(
            kInvalid, "Gantry does not deliver events to " + target.arn +
                          " yet. Targets are ECS clusters and CloudWatch log groups."
        );
    }
    if (place->account != caller.account || place->region != caller.region) {
        return refuse(
            kInvalid,
            "Gantry does not deliver events to another account or region yet (" + target.arn + ")."
        );
    }
    if (target.dead_letter_config && target.dead_letter_config->arn) {
        return refuse(
            kInvalid, "Gantry does not implement dead-letter queues (DeadLetterConfig of target " + target.id +
                          ") yet."
        );
    }
    if (place->kind == TargetPlace::Kind::ecs_cluster) {
        if (!target.ecs_parameters)
            return refuse(kInvalid, "EcsParameters are required for target " + target.id + ".");
        if (target.role_arn.value_or("").empty())
            return refuse(kInvalid, "RoleArn is required for target " + target.arn + ".");
        if (!parse_target_arn(target.ecs_parameters->task_definition_arn)) {
            return refuse(
                kInvalid, "Parameter " + target.ecs_parameters->task_definition_arn +
                              " is not valid. Reason: Provided Arn is not in correct format."
            );
        }
        if (target.ecs_parameters->launch_type && target.ecs_parameters->capacity_provider_strategy &&
            !target.ecs_parameters->capacity_provider_strategy->empty()) {
            return refuse(
                kInvalid, "Only one of LaunchType and CapacityProviderStrategy can be specified for target " +
                              target.id + "."
            );
        }
    } else if (target.ecs_parameters) {
        return refuse(kInvalid, "Parameter(s) EcsParameters are not valid for target " + target.id + ".");
    }
    return admit_input(target);
}

}  // namespace

// All of them, or none.
Result<PutTargetsResponse> put_targets(Txn& txn, const PutTargetsRequest& request, const Caller& caller) {
    TRY(const auto rule, find_rule(txn, caller, request.event_bus_name, request.rule));
    std::set<std::string> ids;
    for (const auto& target : request.targets) {
        if (!ids.insert(target.id).second)
            return refuse(kInvalid, "Duplicate target ID " + target.id + " in the request.");
        TRY_VOID(admit_target(target, caller));
    }
    for (const auto& known : txn.list<TargetRecord>(TargetRecord::parts(rule.key())))
        ids.insert(known->target.id);
    if (ids.size() > targets_most)
        return refuse(kTooMany, "The requested resource exceeds the maximum number allowed.");
    for (const auto& target : request.targets) {
        TargetRecord record;
        record.scope = rule.scope();
        record.bus = rule.bus;
        record.rule = rule.name;
        record.target = target;
        auto& ecs = record.target.ecs_parameters;
        if (ecs && !ecs->task_count) ecs->task_count = 1;
        txn.put(std::move(record));
    }
    PutTargetsResponse response;
    response.failed_entry_count = 0;
    response.failed_entries.emplace();
    return response;
}

Result<ListTargetsByRuleResponse> list_targets_by_rule(
    Txn& txn, const ListTargetsByRuleRequest& request, const Caller& caller
) {
    TRY(const auto rule, find_rule(txn, caller, request.event_bus_name, request.rule));
    TRY(const auto page,
        page_from<TargetRecord>(txn, TargetRecord::parts(rule.key()), request.next_token, request.limit));
    ListTargetsByRuleResponse response;
    auto& list = response.targets.emplace();
    for (const auto& record : page.records) list.push_back(record->target);
    response.next_token = token_of(page.next_after);
    return response;
}

Result<RemoveTargetsResponse> remove_targets(
    Txn& txn, const RemoveTargetsRequest& request, const Caller& caller
) {
    TRY(const auto rule, find_rule(txn, caller, request.event_bus_name, request.rule));
    RemoveTargetsResponse response;
    auto& failed = response.failed_entries.emplace();
    for (const auto& id : std::set<std::string>(request.ids.begin(), request.ids.end())) {
        const auto key = TargetRecord::parts(rule.key()) + id;
        if (txn.get<TargetRecord>(key)) {
            txn.erase<TargetRecord>(key);
            continue;
        }
        auto& entry = failed.emplace_back();
        entry.target_id = id;
        entry.error_code = kNotFound;
        entry.error_message = "Rule " + rule.name + " does not have the target " + id + ".";
    }
    response.failed_entry_count = static_cast<std::int32_t>(failed.size());
    return response;
}

Result<ListRuleNamesByTargetResponse> list_rule_names_by_target(
    Txn& txn, const ListRuleNamesByTargetRequest& request, const Caller& caller
) {
    TRY(const auto bus, find_bus(txn, caller, request.event_bus_name));
    std::set<std::string> names;
    for (const auto& target :
         txn.find<TargetsByArn>(TargetsByArn::key(caller.scope(), bus.name, request.target_arn)))
        names.insert(target->rule);
    // At most 300 rules: the token is the last name that was given.
    auto from = names.begin();
    if (request.next_token) {
        const auto last = shapes::decode_base64(*request.next_token);
        if (!last) return refuse(kInvalid, "Parameter NextToken is not valid.");
        from = names.upper_bound(*last);
    }
    ListRuleNamesByTargetResponse response;
    auto& list = response.rule_names.emplace();
    const auto most = static_cast<std::size_t>(request.limit.value_or(static_cast<int>(kPageMost)));
    for (; from != names.end() && list.size() < most; ++from) list.push_back(*from);
    if (from != names.end()) response.next_token = shapes::encode_base64(list.back());
    return response;
}

}  // namespace gantry::eventbus
