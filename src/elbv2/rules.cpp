// Rules of application load balancers' listeners.
#include <algorithm>
#include <map>
#include <set>

#include "elbv2/admit_actions.h"
#include "elbv2/admit_conditions.h"
#include "elbv2/find.h"
#include "elbv2/limits.h"
#include "elbv2/page.h"
#include "elbv2/show_listener.h"
#include "elbv2/tagging.h"
#include "elbv2/usage.h"
#include "state/txn.h"

namespace gantry::elbv2 {

using namespace shapes::elbv2;
using state::Txn;

namespace {

Result<> check_type(const ListenerRecord& listener) {
    if (!listener.balancer_path.starts_with("net/")) return {};
    return refuse("UnsupportedProtocol", "Rules are unsupported for Network Load Balancer listeners");
}

tl::unexpected<Error> priority_in_use(int priority) {
    return refuse("PriorityInUse", "Priority '" + std::to_string(priority) + "' is currently in use");
}

void sort(std::vector<Rule>& rules) {
    std::sort(rules.begin(), rules.end(), [](const auto& a, const auto& b) { return a.priority < b.priority; });
}

std::size_t place_of(const ListenerRecord& listener, const std::string& id) {
    const auto found = std::find_if(listener.rules.begin(), listener.rules.end(), [&](const auto& rule) {
        return rule.id == id;
    });
    return static_cast<std::size_t>(found - listener.rules.begin());
}

}  // namespace

Result<CreateRuleResponse> create_rule(Txn& txn, const CreateRuleRequest& request, const Caller& caller) {
    TRY(const auto known, find_listener(txn, caller, request.listener_arn));
    TRY_VOID(check_type(*known));
    if (request.transforms && !request.transforms->empty()) return not_built("rule transforms");
    const auto balancer = txn.get<LoadBalancerRecord>(known->balancer_key());
    Rule rule;
    rule.priority = request.priority;
    TRY(rule.conditions, admit_conditions(request.conditions));
    TRY(rule.actions, admit_actions(txn, caller, *balancer, known->protocol, request.actions));
    TRY(rule.tags, requested_tags(request.tags));
    std::size_t count = 0;
    for (const auto& listener : listeners_of(txn, balancer->key())) count += listener->rules.size();
    for (const auto& other : known->rules) {
        if (other.priority == rule.priority) return priority_in_use(rule.priority);
    }
    if (count >= kRulesPerBalancer) {
        return refuse(
            "TooManyRules", "The maximum number of rules of a load balancer has been reached: " +
                                std::to_string(kRulesPerBalancer)
        );
    }
    TRY_VOID(check_groups_of_balancer(txn, *balancer, rule.actions));
    rule.id = fresh_id(txn.chance());
    ListenerRecord listener = *known;
    const std::string id = rule.id;
    listener.rules.push_back(std::move(rule));
    sort(listener.rules);
    CreateRuleResponse response{{{show_rule(listener, place_of(listener, id))}}};
    txn.put(std::move(listener));
    return response;
}

// By priority; the default rule is the last.
Result<DescribeRulesResponse> describe_rules(
    Txn& txn, const DescribeRulesRequest& request, const Caller& caller
) {
    const bool by_arn = request.rule_arns && !request.rule_arns->empty();
    if (by_arn == request.listener_arn.has_value())
        return invalid("You must specify either listener rule ARNs or a listener ARN");
    std::vector<shapes::elbv2::Rule> list;
    if (by_arn) {
        for (const auto& arn : *request.rule_arns) {
            TRY(const auto found, find_rule(txn, caller, arn));
            list.push_back(show_rule(*found.listener, found.at));
        }
    } else {
        TRY(const auto listener, find_listener(txn, caller, *request.listener_arn));
        TRY_VOID(check_type(*listener));
        for (std::size_t i = 0; i < listener->rules.size(); ++i) list.push_back(show_rule(*listener, i));
        list.push_back(show_rule(*listener, FoundRule::kDefault));
    }
    DescribeRulesResponse response;
    // In text order, so that a marker finds its place again.
    TRY(response.next_marker, cut_page(list, request.marker, request.page_size, [](const auto& rule) {
            const std::string& priority = *rule.priority;
            return priority == "default" ? priority : std::string(6 - priority.size(), '0') + priority;
        }));
    response.rules = std::move(list);
    return response;
}

Result<ModifyRuleResponse> modify_rule(Txn& txn, const ModifyRuleRequest& request, const Caller& caller) {
    TRY(const auto found, find_rule(txn, caller, request.rule_arn));
    if (found.at == FoundRule::kDefault)
        return refuse("OperationNotPermitted", "Default rule '" + request.rule_arn + "' cannot be modified");
    if (request.transforms && !request.transforms->empty()) return not_built("rule transforms");
    const auto balancer = txn.get<LoadBalancerRecord>(found.listener->balancer_key());
    ListenerRecord listener = *found.listener;
    auto& rule = listener.rules[found.at];
    if (request.conditions && !request.conditions->empty()) {
        TRY(rule.conditions, admit_conditions(*request.conditions));
    }
    if (request.actions && !request.actions->empty()) {
        TRY(rule.actions, admit_actions(txn, caller, *balancer, listener.protocol, *request.actions));
        TRY_VOID(check_groups_of_balancer(txn, *balancer, rule.actions));
    }
    ModifyRuleResponse response{{{show_rule(listener, found.at)}}};
    txn.put(std::move(listener));
    return response;
}

Result<DeleteRuleResponse> delete_rule(Txn& txn, const DeleteRuleRequest& request, const Caller& caller) {
    TRY(const auto found, find_rule(txn, caller, request.rule_arn));
    if (found.at == FoundRule::kDefault)
        return refuse("OperationNotPermitted", "Default rule '" + request.rule_arn + "' cannot be deleted");
    ListenerRecord listener = *found.listener;
    listener.rules.erase(listener.rules.begin() + static_cast<std::ptrdiff_t>(found.at));
    txn.put(std::move(listener));
    return DeleteRuleResponse{};
}

// All at once: rules may swap their priorities.
Result<SetRulePrioritiesResponse> set_rule_priorities(
    Txn& txn, const SetRulePrioritiesRequest& request, const Caller& caller
) {
    std::map<std::string, ListenerRecord> listeners;
    std::vector<std::pair<std::string, std::string>> changed;  // listener, rule
    for (const auto& pair : request.rule_priorities) {
        const std::string arn = pair.rule_arn.value_or("");
        TRY(const auto found, find_rule(txn, caller, arn));
        if (found.at == FoundRule::kDefault)
            return refuse("OperationNotPermitted", "The priority of default rule '" + arn + "' cannot be modified");
        if (!pair.priority) return invalid("A priority must be specified for the rule '" + arn + "'");
        auto& listener = listeners.try_emplace(found.listener->key(), *found.listener).first->second;
        listener.rules[found.at].priority = *pair.priority;
        changed.emplace_back(listener.key(), listener.rules[found.at].id);
    }
    for (auto& [_, listener] : listeners) {
        std::set<int> priorities;
        for (const auto& rule : listener.rules) {
            if (!priorities.insert(rule.priority).second) return priority_in_use(rule.priority);
        }
    }
    SetRulePrioritiesResponse response;
    response.rules.emplace();
    for (auto& [_, listener] : listeners) sort(listener.rules);
    for (const auto& [key, id] : changed) {
        const auto& listener = listeners.at(key);
        response.rules->push_back(show_rule(listener, place_of(listener, id)));
    }
    for (auto& [_, listener] : listeners) txn.put(std::move(listener));
    return response;
}

}  // namespace gantry::elbv2
