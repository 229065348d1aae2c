#include "eventbus/event_pattern.h"
#include "eventbus/find_rule.h"
#include "eventbus/page.h"
#include "eventbus/tags.h"
#include "schedule/schedule_expression.h"
#include "state/txn.h"

namespace gantry::eventbus {

using namespace shapes::events;
using state::Txn;

namespace {

constexpr std::size_t rules_most = 300;
constexpr std::size_t role_most = 1600;

// rate(…) or cron(…), in UTC, that fires some time.
Result<void> admit_schedule(const std::string& text, PolicyInstant now) {
    const auto schedule = schedule::parse_schedule(text);
    const std::chrono::local_seconds clock{std::chrono::seconds(now.ms / 1'000)};
    if (!schedule || std::holds_alternative<schedule::At>(*schedule) || !schedule::will_fire(*schedule, clock))
        return refuse(kInvalid, "Parameter ScheduleExpression is not valid.");
    return {};
}

std::string state_of(const PutRuleRequest& request) {
    return request.state.value_or(std::string(rule_state::kEnabled));
}

void set_enabled(RuleRecord& rule, bool enabled, std::string state, PolicyInstant now) {
    if (enabled && !rule.enabled) rule.scheduled_since = now;
    rule.enabled = enabled;
    rule.state = std::move(state);
}

}  // namespace

Result<RuleRecord> find_rule(
    const state::View& view,
    const Caller& caller,
    const std::optional<std::string>& bus_name,
    const std::string& name
) {
    TRY(const auto bus, find_bus(view, caller, bus_name));
    const auto rule = view.get<RuleRecord>(RuleRecord::key(caller.scope(), bus.name, name));
    if (!rule) return refuse(kNotFound, "Rule " + name + " does not exist on EventBus " + bus.name + ".");
    return *rule;
}

// Puts the rule as a whole: what is not given is gone, tags excepted, which only a new rule takes.
Result<PutRuleResponse> put_rule(Txn& txn, const PutRuleRequest& request, const Caller& caller) {
    TRY(const auto bus, find_bus(txn, caller, request.event_bus_name));
    const std::string pattern = request.event_pattern.value_or("");
    const std::string schedule = request.schedule_expression.value_or("");
    if (pattern.empty() && schedule.empty())
        return refuse(kInvalid, "Parameter(s) EventPattern or ScheduleExpression must be specified.");
    if (!schedule.empty()) {
        if (bus.name != kDefaultBus)
            return refuse(kInvalid, "ScheduleExpression is supported only on the default event bus.");
        TRY_VOID(admit_schedule(schedule, txn.now()));
    }
    if (!pattern.empty()) TRY_VOID(EventPattern::parse(pattern));
    if (request.role_arn.value_or("").size() > role_most)
        return refuse(kInvalid, "Parameter RoleArn is not valid.");

    const auto known = txn.get<RuleRecord>(RuleRecord::key(caller.scope(), bus.name, request.name));
    RuleRecord rule;
    if (known) {
        rule = *known;
    } else {
        const auto others = EventBusRecord::key(caller.scope(), bus.name) + "/";
        if (txn.page<RuleRecord>(others, {}, rules_most).records.size() >= rules_most)
            return refuse(kTooMany, "The requested resource exceeds the maximum number allowed.");
        rule.account = caller.account;
        rule.region = caller.region;
        rule.bus = bus.name;
        rule.name = request.name;
        rule.created = rule.scheduled_since = txn.now();
        TRY_VOID(add_tags(rule.tags, request.tags));
    }
    if (rule.schedule != schedule) rule.scheduled_since = txn.now();
    rule.pattern = pattern;
    rule.schedule = schedule;
    rule.description = request.description;
    rule.role = request.role_arn;
    set_enabled(rule, state_of(request) != rule_state::kDisabled, state_of(request), txn.now());
    PutRuleResponse response;
    response.rule_arn = rule.arn();
    txn.put(std::move(rule));
    return response;
}

Result<DescribeRuleResponse> describe_rule(
    Txn& txn, const DescribeRuleRequest& request, const Caller& caller
) {
    TRY(const auto rule, find_rule(txn, caller, request.event_bus_name, request.name));
    DescribeRuleResponse response;
    response.name = rule.name;
    response.arn = rule.arn();
    if (!rule.pattern.empty()) response.event_pattern = rule.pattern;
    if (!rule.schedule.empty()) response.schedule_expression = rule.schedule;
    response.state = rule.state;
    response.description = rule.description;
    response.role_arn = rule.role;
    response.event_bus_name = rule.bus;
    response.created_by = rule.account;
    return response;
}

Result<ListRulesResponse> list_rules(Txn& txn, const ListRulesRequest& request, const Caller& caller) {
    TRY(const auto bus, find_bus(txn, caller, request.event_bus_name));
    const auto prefix = RuleRecord::key(caller.scope(), bus.name, request.name_prefix.value_or(""));
    TRY(const auto page, page_from<RuleRecord>(txn, prefix, request.next_token, request.limit));
    ListRulesResponse response;
    auto& list = response.rules.emplace();
    for (const auto& rule : page.records) {
        auto& out = list.emplace_back();
        out.name = rule->name;
        out.arn = rule->arn();
        if (!rule->pattern.empty()) out.event_pattern = rule->pattern;
        if (!rule->schedule.empty()) out.schedule_expression = rule->schedule;
        out.state = rule->state;
        out.description = rule->description;
        out.role_arn = rule->role;
        out.event_bus_name = rule->bus;
    }
    response.next_token = token_of(page.next_after);
    return response;
}

// One that is not there is deleted already, as on AWS.
Result<DeleteRuleResponse> delete_rule(Txn& txn, const DeleteRuleRequest& request, const Caller& caller) {
    TRY(const auto bus, find_bus(txn, caller, request.event_bus_name));
    const auto key = RuleRecord::key(caller.scope(), bus.name, request.name);
    if (!txn.get<RuleRecord>(key)) return DeleteRuleResponse{};
    if (!txn.page<TargetRecord>(TargetRecord::parts(key), {}, 1).records.empty())
        return refuse(kInvalid, "Rule can't be deleted since it has targets.");
    txn.erase<RuleRecord>(key);
    return DeleteRuleResponse{};
}

Result<EnableRuleResponse> enable_rule(Txn& txn, const EnableRuleRequest& request, const Caller& caller) {
    TRY(auto rule, find_rule(txn, caller, request.event_bus_name, request.name));
    set_enabled(rule, true, std::string(rule_state::kEnabled), txn.now());
    txn.put(std::move(rule));
    return EnableRuleResponse{};
}

Result<DisableRuleResponse> disable_rule(Txn& txn, const DisableRuleRequest& request, const Caller& caller) {
    TRY(auto rule, find_rule(txn, caller, request.event_bus_name, request.name));
    set_enabled(rule, false, std::string(rule_state::kDisabled), txn.now());
    txn.put(std::move(rule));
    return DisableRuleResponse{};
}

}  // namespace gantry::eventbus
